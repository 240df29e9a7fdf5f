"""What every model of the house shares."""

import os
import time
import uuid

from django.db import models


def uuid7() -> uuid.UUID:
    """Make a version 7 UUID (RFC 9562): 48 bits of Unix milliseconds, then random bits.

    Keys made later sort later, so that an index grows at its end; they reveal a time of creation
    and nothing else.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = int.from_bytes(milliseconds.to_bytes(6, "big") + os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)


class UUIDModel(models.Model):
    """A row known by a key made in Python before it is saved."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True
