"""What the region chooses in the imported nomenclatures: what is offered, and roles of its own."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.console.events import NomenclatureChanged
from ronde.core.actor import Officer
from ronde.core.text import fold
from ronde.journal.actions import record
from ronde.terminology import queries
from ronde.terminology.models import CodeSystem, Nomenclature, RegionalRole, Withheld

ROLES = Nomenclature.ROLES


@transaction.atomic
def offer(by: Officer, name: Nomenclature, code: str, *, offered: bool = True) -> str:
    """Put a code back in the pickers, or take it out; answer its label.

    Already so: nothing happens. One code at least stays offered.
    """
    system = _hold(name)
    today = timezone.localdate()
    known = {one.code: one for one in queries.stored(name).values() if one.valid_on(today)}
    entry = known.get(code)
    if entry is None:
        raise ValidationError(_("Cette ligne n’est plus dans la nomenclature."))
    if entry.offered == offered:
        return entry.label
    if offered:
        Withheld.objects.filter(system=system, code=code).delete()
    elif sum(one.offered for one in known.values()) == 1:
        raise ValidationError(
            _("« %(label)s » est la dernière ligne proposée : remettez-en une autre d’abord."),
            params={"label": entry.label},
        )
    else:
        Withheld.objects.create(system=system, code=code)
    change = "offered" if offered else "withheld"
    _tell(by, system, code=code, label=entry.official_label, change=change)
    return entry.label


@transaction.atomic
def add_role(by: Officer, display: str, close_to: str) -> RegionalRole:
    """Add a role of the region; the name of another role is refused."""
    system = _hold(ROLES)
    _check_name(display)
    role = RegionalRole(
        code=f"r-{RegionalRole.objects.count() + 1}", display=display, close_to=close_to
    )
    role.save(force_insert=True)
    _tell(by, system, code=role.code, label=display, change="added", close_to=close_to)
    return role


@transaction.atomic
def change_role(
    by: Officer, role: RegionalRole, display: str, close_to: str, former: str
) -> RegionalRole:
    """Rename a role of the region, or say that it is close to another one.

    `former` is the name that was shown: another one by now is refused.
    """
    system = _hold(ROLES)
    role.refresh_from_db()
    if role.display != former:
        raise ValidationError(
            _("Ce rôle a été renommé « %(name)s » entre-temps : relisez, puis enregistrez."),
            code="conflict",
            params={"name": role.display},
        )
    if (display, close_to) == (role.display, role.close_to):
        return role
    _check_name(display, role.code)
    role.display, role.close_to = display, close_to
    role.save(update_fields=["display", "close_to"])
    values = {"former": former, "close_to": close_to}
    _tell(by, system, code=role.code, label=display, change="changed", **values)
    return role


def _hold(name: Nomenclature) -> CodeSystem:
    """Have those who choose in a nomenclature, and its import, wait for one another."""
    return CodeSystem.objects.select_for_update().get(pk=name)


def _check_name(display: str, code: str = "") -> None:
    """Two roles that read alike could not be told apart, whatever the capitals and accents."""
    for one in queries.stored(ROLES).values():
        if one.code != code and fold(display) in {fold(one.official_label), fold(one.label)}:
            raise ValidationError(
                _("Le rôle « %(label)s » existe déjà."), params={"label": one.label}
            )


def _tell(by: Officer, system: CodeSystem, **what: str) -> None:
    system.chosen_at = timezone.now()
    system.save(update_fields=["chosen_at"])
    record(NomenclatureChanged(nomenclature=system.pk, **what), actor=by)
    transaction.on_commit(queries.forget)
