"""Where the sealed files lie: the storage named «documents», a folder or a bucket."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.core.files import File as DjangoFile
from django.core.files.storage import Storage, storages
from django.utils import timezone

from ronde.documents import sealing

IN_MEMORY = 1_048_576


@dataclass(frozen=True, slots=True)
class Stored:
    place: str
    sealed: sealing.Sealed


def storage() -> Storage:
    return storages["documents"]


def keep(source: BinaryIO, file_id: UUID) -> Stored:
    """Seal the content and put it away, under a name that tells nothing of it."""
    source.seek(0)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as sealed:
        details = sealing.seal(source, sealed, _label(file_id))
        sealed.seek(0)
        place = storage().save(f"{timezone.now():%Y-%m}/{file_id.hex}", DjangoFile(sealed))
    return Stored(place, details)


def content(place: str, key_id: str, sealed_key: bytes, file_id: UUID) -> Iterator[bytes]:
    """Yield what is kept there, opened chunk by chunk."""
    with storage().open(place, "rb") as sealed:
        yield from sealing.unseal(sealed, key_id, sealed_key, _label(file_id))


def remove(place: str) -> None:
    storage().delete(place)


def places_before(moment: datetime) -> Iterator[str]:
    """Name what has lain in the storage since before that moment."""
    kept = storage()
    if not _exists(kept):
        return
    for folder in kept.listdir("")[0]:
        for name in kept.listdir(folder)[1]:
            place = f"{folder}/{name}"
            if kept.get_modified_time(place) < moment:
                yield place


def _exists(kept: Storage) -> bool:
    """A folder that received nothing yet does not exist; a bucket is always there."""
    try:
        kept.listdir("")
    except FileNotFoundError:
        return False
    return True


def _label(file_id: UUID) -> bytes:
    return b"ronde-document-1:" + file_id.bytes
