"""The traits that two identities are compared by."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Traits:
    """One identity, as stored or as typed. What is not known stays empty or holds its convention.

    `given_names` is the whole list, separated by spaces, `first_given` included. `birth_place` is
    the code of the commune, or of the country for a birth abroad (COG, five characters).
    """

    birth_name: str = ""
    first_given: str = ""
    birth_date: date | None = None
    sex: str = "U"
    birth_place: str = ""
    given_names: str = ""
    used_name: str = ""
    used_given: str = ""
    twin_rank: int | None = None
    nir: str = ""
