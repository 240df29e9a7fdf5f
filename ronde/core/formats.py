"""How dates, ages, numbers and names read on the screen."""

import re
from datetime import date, datetime, timedelta

import phonenumbers
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

DAYS = (
    gettext_lazy("lun."),
    gettext_lazy("mar."),
    gettext_lazy("mer."),
    gettext_lazy("jeu."),
    gettext_lazy("ven."),
    gettext_lazy("sam."),
    gettext_lazy("dim."),
)
MONTHS_SHOWN_UNDER_YEARS = 3
UNBREAKABLE = re.compile(r"(?<=«) | (?=[»:;?!])")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CIVILITIES = {"Dr", "Pr", "M.", "Mme"}


def said(label: str) -> str:
    """A label that is data, as a nomenclature or a list has it, in the reader's language where the
    catalogue knows it; what a region or a professional wrote stays as it is.
    """
    return _(label) if label else ""


def cell(value: object) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula (OWASP, «CSV Injection»)."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def day(value: date | None) -> str:
    """JJ/MM/AAAA, or nothing; a moment has the date of the region, not that of Greenwich."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value:%d/%m/%Y}" if value else ""


def moment(value: datetime | None) -> str:
    """Read a moment as people say it: «auj. 09:12», «hier 17:40», «lun. 23/11 10:00», «18/11/25».

    Past days of this year keep their hour, those of other years only the date.
    """
    if value is None:
        return ""
    local, today = timezone.localtime(value), timezone.localdate()
    ago = (today - local.date()).days
    if ago == 0:
        return _("auj. %(time)s") % {"time": f"{local:%H:%M}"}
    if ago == 1:
        return _("hier %(time)s") % {"time": f"{local:%H:%M}"}
    if -7 <= ago < 0:
        return f"{DAYS[local.weekday()]} {local:%d/%m %H:%M}"
    return f"{local:%d/%m %H:%M}" if local.year == today.year else f"{local:%d/%m/%Y}"


def full_moment(value: datetime | None) -> str:
    """The whole date and hour, to the second, for a tooltip and for proof."""
    return f"{timezone.localtime(value):%d/%m/%Y %H:%M:%S}" if value else ""


def day_and_hour(value: datetime | None) -> str:
    """The date and the hour to the minute, for sentences and for paper."""
    return full_moment(value)[:-3]


def age(born: date | None) -> str:
    """Age in words: days under a month, months under three years, then years; nothing if unknown.

    01/01/1900 is the RNIV convention for an unknown date, not an age.
    """
    if born is None or born == date(1900, 1, 1):
        return ""
    today = timezone.localdate()
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 1:
        days = max((today - born).days, 0)
        return ngettext("%(n)d jour", "%(n)d jours", days) % {"n": days}
    if months < 12 * MONTHS_SHOWN_UNDER_YEARS:
        return _("%(n)d mois") % {"n": months}
    return ngettext("%(n)d an", "%(n)d ans", months // 12) % {"n": months // 12}


def lasting(span: timedelta | None) -> str:
    """A length of time as people say it: «40 min», «5 h», «3 j»."""
    if span is None:
        return ""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 2 * 24 * 60:
        return _("%(n)d h") % {"n": minutes // 60}
    return _("%(n)d j") % {"n": minutes // (24 * 60)}


def file_size(count: int) -> str:
    """A number of bytes as people say it: «12 ko», «3,4 Mo»."""
    if count < 1_048_576:
        return _("%(n)d ko") % {"n": max(-(-count // 1024), 1)}
    return _("%(n)s Mo") % {"n": f"{count / 1_048_576:.1f}".replace(".", ",")}


def phone(number: str | None) -> str:
    """An E.164 number as it is read in France; any other text as it is."""
    if not number:
        return ""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        parsed, style.NATIONAL if parsed.country_code == 33 else style.INTERNATIONAL
    )


def weight(size: int) -> str:
    """How much a file weighs: «9,5 Mo», «320 Ko»."""
    if size >= 1_048_576:
        return _("%(n)s Mo") % {"n": f"{size / 1_048_576:.1f}".replace(".", ",")}
    return _("%(n)d Ko") % {"n": max(-(-size // 1_024), 1)}


def typo(text: str) -> str:
    """Keep French signs with their word: no line ends inside « », nor before : ; ? !"""
    return UNBREAKABLE.sub("\u00a0", text)


def initials(name: str | None) -> str:
    """Up to two letters that stand for a name in a round badge; a civility counts for nothing."""
    parts = [
        part
        for part in (name or "").replace("-", " ").split()
        if part[0].isalnum() and part not in CIVILITIES
    ]
    shown = parts[:1] + parts[-1:] if len(parts) > 1 else parts
    return "".join(part[0] for part in shown).upper()


def remaining(until: datetime | None) -> int:
    """Whole minutes left, rounded up; 0 when it is over."""
    if until is None:
        return 0
    left = until - timezone.now()
    return max(-(-left // timedelta(minutes=1)), 0)
