"""Files encrypted at rest: each by a key of its own, itself wrapped by the master key in force.

AES-256-GCM by chunks, so that a file needs little memory. The number of the chunk and «this is the
last one» stand in the nonce: a chunk moved, removed or added does not open (the construction STREAM
of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The key serves one file: no nonce serves twice.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CHUNK = 65_536
TAG = 16
KEY = 32


class UnreadableError(Exception):
    """The sealed content was changed, or the key is not the right one."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What must be kept to open a file again, and what it was."""

    key_id: str
    sealed_key: bytes
    size: int
    sha256: str


def current_key() -> str:
    """The master key that seals: the first of the settings."""
    if not settings.DOCUMENT_KEYS:
        message = "Set DOCUMENT_KEYS (docs/env.md says how): documents are kept encrypted."
        raise ImproperlyConfigured(message)
    return next(iter(settings.DOCUMENT_KEYS))


def seal(source: BinaryIO, target: BinaryIO, label: bytes) -> Sealed:
    """Write `source` encrypted into `target`; it opens under the same `label` only."""
    key_id, key = current_key(), os.urandom(KEY)
    cipher, digest, size = AESGCM(key), hashlib.sha256(), 0
    for number, chunk, last in _chunks(source.read, CHUNK):
        digest.update(chunk)
        size += len(chunk)
        target.write(cipher.encrypt(_nonce(number, last=last), chunk, label))
    sealed_key = aes_key_wrap(settings.DOCUMENT_KEYS[key_id], key)
    return Sealed(key_id, sealed_key, size, digest.hexdigest())


def unseal(source: BinaryIO, key_id: str, sealed_key: bytes, label: bytes) -> Iterator[bytes]:
    """Yield the content, chunk by chunk; UnreadableError as soon as one does not open."""
    cipher = AESGCM(_unwrapped(key_id, sealed_key))
    for number, chunk, last in _chunks(source.read, CHUNK + TAG):
        try:
            yield cipher.decrypt(_nonce(number, last=last), chunk, label)
        except InvalidTag as error:
            message = "A chunk of a document does not open."
            raise UnreadableError(message) from error


def rewrap(key_id: str, sealed_key: bytes) -> tuple[str, bytes]:
    """Wrap the key of a file by the master key in force; the file itself does not change."""
    key = _unwrapped(key_id, sealed_key)
    current = current_key()
    return current, aes_key_wrap(settings.DOCUMENT_KEYS[current], key)


def _unwrapped(key_id: str, sealed_key: bytes) -> bytes:
    master = settings.DOCUMENT_KEYS.get(key_id)
    if master is None:
        message = f"The master key {key_id} is missing from DOCUMENT_KEYS."
        raise UnreadableError(message)
    try:
        return aes_key_unwrap(master, bytes(sealed_key))
    except InvalidUnwrap as error:
        message = f"A document's key does not open with the master key {key_id}."
        raise UnreadableError(message) from error


def _chunks(read: Callable[[int], bytes], size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Cut in pieces of that size, each with its number and whether it is the last."""
    number, piece = 0, _full(read, size)
    while True:
        following = _full(read, size)
        yield number, piece, not following
        if not following:
            return
        number, piece = number + 1, following


def _full(read: Callable[[int], bytes], size: int) -> bytes:
    """Read exactly that much, or what is left: a network may give less at a time."""
    parts, left = [], size
    while left and (part := read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
