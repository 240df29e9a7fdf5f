"""Events: what an action says happened. Feed, notifications and audit read them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Choices

from ronde.journal.models import Weight


class Topic(StrEnum):
    """The groups of the notification preferences (AZUREZO, sheet 36)."""

    TASKS = "tasks"
    RECORD = "record"
    AGENDA = "agenda"
    ACCESS = "access"
    ACCOUNT = "account"


_registry: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. A subclass adds the few values that its sentence needs.

    `section` decides who may read it, `weight` how loud it is; `mail` gives the notification its
    subject (no health data), or None when nobody is told by mail. `mail_needs_access` false: told
    even to who may no longer open the record; `mail_needs_section` true: told, by mail and in the
    application, to those alone who may read the line of the event. `mail_setting` names the setting
    that holds a fixed address: the mail goes to that service, not to parties.

    `preference` is the sentence by which each chooses to be told or not, in the profile («Être
    notifié lorsque …»), under its `topic`; an event that is told and has none is always told.
    `mail_locked`: the mail leaves whatever was chosen. `chosen_by_default` false: told only to who
    asked for it; `mailed_by_default` false: in the application, and by mail to who asked for it.
    `to_deciders`: of a structure, only its super-users are told. `to_duties`: only whoever is on
    one of these duties of the region may choose it. `link` is the label and the address name of
    the page to open, when it is not the record.

    `thing` is what lasts from this event until another one speaks of the same `thing`: a stay, the
    status for a structure. `over`: nothing lasts any more, as when the patient goes home.
    """

    section: ClassVar[str] = "feed"
    weight: ClassVar[Weight] = Weight.NORMAL
    mail: ClassVar[Any] = None
    mail_needs_access: ClassVar[bool] = True
    mail_needs_section: ClassVar[bool] = False
    mail_setting: ClassVar[str] = ""
    topic: ClassVar[Topic] = Topic.RECORD
    preference: ClassVar[Any] = None
    mail_locked: ClassVar[bool] = False
    chosen_by_default: ClassVar[bool] = True
    mailed_by_default: ClassVar[bool] = True
    to_deciders: ClassVar[bool] = False
    to_duties: ClassVar[frozenset[str]] = frozenset()
    link: ClassVar[tuple[Any, str] | None] = None

    patient_id: UUID | None = None
    thing: UUID | None = None
    over: bool = False

    def __init_subclass__(cls, **kwargs: object) -> None:
        # dataclass(slots=True) makes the class twice: the second one replaces the first.
        _registry[cls.__name__] = cls

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        """Say what happened, in the reader's language, from the stored values."""
        raise NotImplementedError

    @classmethod
    def recipients(cls, payload: Mapping[str, Any]) -> list[UUID] | None:
        """Name the parties to tell; None means every party with access to the record."""
        return []

    @classmethod
    def mail_lines(cls, payload: Mapping[str, Any]) -> list[str]:
        """Complete the mail: never a trait of the patient, nothing of the record."""
        return []

    def payload(self) -> dict[str, Any]:
        values = asdict(self)
        values.pop("patient_id")
        if self.thing is None:
            del values["thing"], values["over"]
        return {name: str(v) if isinstance(v, UUID) else v for name, v in values.items()}


@dataclass(frozen=True, slots=True)
class AlwaysMailed:
    """A mail that is no event and that nobody can switch off: a code, a link to a password."""

    topic: Topic
    sentence: Any


_always: list[AlwaysMailed] = []


def always_mailed(topic: Topic, sentence: Any) -> None:
    """Have the preferences say that this mail is always sent."""
    _always.append(AlwaysMailed(topic, sentence))


def mails_always_sent() -> list[AlwaysMailed]:
    return list(_always)


def event_classes() -> dict[str, type[Event]]:
    """Every event of the installed apps, by name."""
    return dict(_registry)


def event_class(name: str) -> type[Event]:
    """Find the class of a stored event; an unknown name is a bug of a release."""
    return _registry[name]


def worded(choices: type[Choices], value: Any) -> str:
    """The words, in the reader's language, of a value that an event keeps as its code."""
    return str(dict(choices.choices).get(value, value))


def sentence(name: str, payload: Mapping[str, Any]) -> str:
    return event_class(name).sentence(payload)
