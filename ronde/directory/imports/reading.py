"""Reading big files of lines, as a stream: plain or zipped, checked before anything is stored.

Everything that is wrong with the file as a whole is a `BadFile`, whose text says what and where.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ronde.core.text import fold

BLOCK = 1 << 18
LONGEST_LINE = 100_000
# An extraction shrinks ten to twenty times; deflate can be made to shrink a thousand times.
ZIP_RATIO = 100
ZIP_LIMIT = 8 << 30
# Below this size the ratio says nothing.
ZIP_RATIO_FROM = 64 << 20
ZIP_MAGIC = b"PK\x03\x04"
BOM = b"\xef\xbb\xbf"
# Signs that no text has; a carriage return counts when it does not end a line.
FORBIDDEN = (b"\0", b"\1", b"\2", b"\r")


class BadFile(Exception):
    """The file cannot be imported; the text is shown as it is to whoever started the import."""


class Source:
    """One opened file: gives blocks of bytes, and knows how much was read and its hash.

    `progress` receives the share of the file on disk that was read, from 0 to 1.
    """

    def __init__(
        self, raw: IO[bytes], stream: IO[bytes], size: int, progress: Callable[[float], None]
    ) -> None:
        self._raw, self._stream, self._size, self._progress = raw, stream, size, progress
        self._hash = hashlib.sha256()
        self.read_bytes = 0

    @property
    def hash(self) -> str:
        """The SHA-256 of the content read so far, outside its archive."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        while block := self._next():
            self.read_bytes += len(block)
            if self._raw is not self._stream:
                self._check_bomb()
            self._hash.update(block)
            self._progress(self._raw.tell() / self._size)
            yield block

    def _next(self) -> bytes:
        try:
            return self._stream.read(BLOCK)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            message = "L'archive est abîmée ou tronquée : téléchargez-la de nouveau."
            raise BadFile(message) from error

    def _check_bomb(self) -> None:
        too_dense = self.read_bytes > ZIP_RATIO_FROM and self.read_bytes > ZIP_RATIO * self._size
        if too_dense or self.read_bytes > ZIP_LIMIT:
            message = (
                f"L'archive se déplie au-delà de ce qui est permis ({ZIP_RATIO} fois sa taille,"
                f" {ZIP_LIMIT >> 30} Go) : elle n'est pas lue plus loin."
            )
            raise BadFile(message)


@contextmanager
def opened(
    path: Path, member: str = "", progress: Callable[[float], None] = lambda share: None
) -> Iterator[Source]:
    """Open a text file, or in an archive the only member whose name contains `member`."""
    try:
        size = path.stat().st_size
        raw = path.open("rb")
    except OSError as error:
        message = f"Fichier illisible : {path} ({error.strerror})."
        raise BadFile(message) from error
    with raw:
        if not size:
            message = f"Le fichier {path.name} est vide."
            raise BadFile(message)
        if raw.read(4) != ZIP_MAGIC:
            if path.suffix.lower() == ".zip":
                message = f"{path.name} n'est pas une archive zip, ou elle est tronquée."
                raise BadFile(message)
            raw.seek(0)
            yield Source(raw, raw, size, progress)
            return
        with _archive(raw, path) as archive, _member(archive, member) as stream:
            yield Source(raw, stream, size, progress)


def _archive(raw: IO[bytes], path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(raw)
    except zipfile.BadZipFile as error:
        message = f"{path.name} n'est pas une archive zip, ou elle est tronquée."
        raise BadFile(message) from error


def _member(archive: zipfile.ZipFile, wanted: str) -> IO[bytes]:
    """Open the member; nothing is ever written to the disk, so its path does not matter."""
    key = fold(wanted)
    found = [info for info in archive.infolist() if key in fold(info.filename)]
    found = [info for info in found if info.filename.lower().endswith((".txt", ".csv"))]
    if len(found) != 1:
        names = ", ".join(info.filename for info in archive.infolist()[:10]) or "rien"
        message = (
            f"L'archive doit contenir un seul fichier «{wanted}» ; elle en contient"
            f" {len(found)} (dedans : {names})."
        )
        raise BadFile(message)
    try:
        return archive.open(found[0])
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        message = f"{found[0].filename} ne peut pas être lu dans l'archive ({error})."
        raise BadFile(message) from error


@dataclass(slots=True)
class Block:
    """Whole lines without their ends, the first being line `number` of the file.

    `cut`: the last line of the file, and of this block, has no end. `clean`: no sign of `FORBIDDEN`
    stands in it.
    """

    number: int
    lines: list[bytes]
    cut: bool
    clean: bool


def line_blocks(source: Source) -> Iterator[Block]:
    carry, number = b"", 1
    for block in source.blocks():
        head, end, tail = block.rpartition(b"\n")
        if not end:
            carry += block
        else:
            found = _block(carry + head, number)
            number += len(found.lines)
            carry = tail
            yield found
        if len(carry) > LONGEST_LINE:
            message = f"Ligne {number} : plus de {LONGEST_LINE} octets sans fin de ligne."
            raise BadFile(message)
    if carry:
        yield _block(carry, number, cut=True)


def _block(text: bytes, number: int, *, cut: bool = False) -> Block:
    if number == 1 and text.startswith(BOM):
        text = text[len(BOM) :]
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").removesuffix(b"\r")
    clean = not any(sign in text for sign in FORBIDDEN)
    return Block(number, text.split(b"\n"), cut, clean)


def check_encoding(block: Block) -> None:
    """Refuse what is not UTF-8, with the number of the line."""
    for number, line in enumerate(block.lines, block.number):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            message = (
                f"Ligne {number} : le fichier n'est pas en UTF-8 (octet 0x{line[error.start]:02X})."
                " Téléchargez-le de nouveau, ou convertissez-le en UTF-8."
            )
            raise BadFile(message) from error
