"""Keys of imported rows, drawn from what names them, so that each import finds them again."""

import hashlib
from uuid import UUID


def person_key(id_type: str, id_number: str) -> UUID:
    """Make the UUID of a professional: the national number stands in its last twelve digits.

    `id_type` is 8 (RPPS) or 0 (ADELI); the A or B of a Corsican ADELI number is a digit too. The
    number is public. The SQL function directory_person_key does the same.
    """
    return UUID(f"00000000-0000-8000-8000-{id_type + id_number:0>12}")


def name_key(name: str) -> UUID:
    """Make the UUID of a name such as «rpps:10001234567» or «finess:830100616».

    Version 8 of RFC 9562 (free content): the MD5 of the name, version and variant set. The SQL
    function directory_key does the same. MD5 serves as a spreading function; nothing is secret.
    """
    digits = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return UUID(f"{digits[:12]}8{digits[13:16]}8{digits[17:]}")
