"""Numbers that nobody has, whose keys are right all the same.

Telephones lie in the blocks that Arcep keeps for works of fiction (decision 2018-0881, national
numbering plan): they reach nobody. RPPS and FINESS numbers lie in ranges that are not allotted. An
NIR takes an order number from 950 up, more than any commune of the region has births in a month.
"""

from datetime import date
from itertools import count

from stdnum import luhn
from stdnum.fr import nir

LANDLINE, MOBILE = "+3346571", "+3363998"
FIRST_ORDER, LAST_ORDER = 950, 999


def phone(number: int) -> str:
    """A line of the south-east that rings nowhere: 04 65 71 xx xx."""
    return f"{LANDLINE}{number % 10_000:04d}"


def mobile(number: int) -> str:
    return f"{MOBILE}{number % 10_000:04d}"


def _keyed(body: str) -> str:
    return body + str(luhn.calc_check_digit(body))


def rpps(number: int) -> str:
    return _keyed(f"{9_900_000_000 + number:010d}")


def finess(departement: str, number: int) -> str:
    """A 9 as third figure, where the numbers in use in these départements have a 0."""
    return _keyed(f"{departement}9{number:05d}")


class Nirs:
    """Gives each person another NIR, whose first figures say what the real ones say."""

    def __init__(self) -> None:
        self._orders: dict[str, count[int]] = {}

    def give(self, sex: str, born: date, place: str) -> str:
        """Only for a birth in France; raises ValueError when the invented orders are used up."""
        start = f"{1 if sex == 'M' else 2}{born:%y%m}{place}"
        order = next(self._orders.setdefault(start, count(FIRST_ORDER)))
        if order > LAST_ORDER:
            message = f"No order number left for {start}."
            raise ValueError(message)
        body = f"{start}{order}"
        return body + nir.calc_check_digits(body)
