"""What changes the documents of a record."""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.careteam.sections import documents
from ronde.careteam.sharing import share
from ronde.core.models import uuid7
from ronde.core.sharing import Sharing
from ronde.core.text import fold
from ronde.documents import checking, drawing, events, jobs, rights, scanning, store
from ronde.documents.models import Document, File, Scan
from ronde.documents.names import stem_of
from ronde.documents.types import class_of
from ronde.journal.actions import record


@dataclass(frozen=True, slots=True)
class Filing:
    """Under what a document is filed; without a title, it takes the name of its file."""

    type_code: str
    event_date: date
    title: str = ""


class Conflict(ValidationError):
    """Somebody else changed this document first; nothing was saved."""


def deposit(
    access: Access,
    content: BinaryIO,
    name: str,
    filing: Filing,
    *,
    level: Sharing = Sharing.PUBLIC,
    recipients: Collection[UUID] = (),
    sending: UUID | None = None,
) -> Document:
    """Keep a file in the record; ValidationError says why it is refused, and nothing is left.

    A `sending` that already arrived answers its document: the browser did not hear the answer.
    """
    class_code = class_of(filing.type_code)
    access.require(documents(class_code), write=True)
    now, actor = timezone.now(), access.actor
    arrived = _arrived(access, sending)
    if arrived is not None:
        return arrived
    document = Document(
        sending=sending,
        patient_id=access.patient_id,
        added_at=now,
        added_by_user=actor.user_id,
        added_by_party_name=actor.display_name,
        added_by_name=actor.person_name,
    )
    document.belongs_to(actor)
    share(document, access, level, recipients)
    checked = checking.check(content, name)
    _file_under(document, filing, stem_of(checked.name))
    try:
        with _kept(content, document, checked, 1, access) as file, transaction.atomic():
            _add(access, document, file)
    except IntegrityError:
        arrived = _arrived(access, sending)  # Sent twice at once: the other one was first.
        if arrived is None:
            raise
        return arrived
    return document


def _add(access: Access, document: Document, file: File) -> None:
    document.save(force_insert=True)
    _save(file)
    told = document.audience()
    _record(
        events.DocumentAdded,
        access,
        document,
        told=None if told is None else [str(party) for party in told],
    )


def replace(access: Access, document: Document, content: BinaryIO, name: str) -> File:
    """Put a new version in the place of the former one, which stays in the history.

    The content that is already the current one makes no version: the browser did not hear that it
    had arrived, or nothing changed.
    """
    checked = checking.check(content, name)
    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    with transaction.atomic():
        document = _locked(access, document, rights.may_edit)
        former = document.files.get(is_current=True)
        if former.sha256 == digest:
            return former
        with _kept(content, document, checked, former.number + 1, access) as file:
            former.is_current = False
            former.save(update_fields=["is_current"])
            _save(file)
            _record(events.DocumentReplaced, access, document, number=file.number)
    return file


@transaction.atomic
def edit(access: Access, document: Document, filing: Filing, version: int) -> Document:
    """Rename, date again or file elsewhere, unless somebody did since `version` (Conflict).

    The right is asked where it comes from and goes to.
    """
    document = _locked(access, document, rights.may_edit)
    access.require(documents(class_of(filing.type_code)), write=True)
    if document.version != version:
        raise Conflict(
            _("Ce document a été modifié pendant votre saisie : comparez, puis enregistrez."),
            code="conflict",
        )
    former = (document.type_code, document.title, document.event_date)
    _file_under(document, filing, document.title)
    if (document.type_code, document.title, document.event_date) != former:
        _change(document, "class_code", "type_code", "title", "title_key", "event_date")
        moved = former[0] if former[0] != document.type_code else ""
        _record(events.DocumentEdited, access, document, former_type=moved)
    return document


@transaction.atomic
def show_to(
    access: Access, document: Document, level: Sharing, recipients: Collection[UUID] = ()
) -> Document:
    """Change the audience."""
    document = _locked(access, document, rights.may_share)
    if share(document, access, level, recipients):
        _change(document, "sharing", "recipients")
        _record(events.DocumentShared, access, document, level=int(level))
    return document


@transaction.atomic
def withdraw(access: Access, document: Document, reason: str) -> None:
    """Take a document out of the record: shown to nobody any more, and kept."""
    document = _locked(access, document, rights.may_withdraw)
    document.withdrawn_at = timezone.now()
    document.withdrawn_by_name = access.actor.person_name
    document.withdrawn_reason = reason
    _change(document, "withdrawn_at", "withdrawn_by_name", "withdrawn_reason")
    _record(events.DocumentWithdrawn, access, document, reason=reason)


def _arrived(access: Access, sending: UUID | None) -> Document | None:
    if sending is None:
        return None
    rows = Document.objects.readable(access)
    return rows.filter(added_by_user=access.actor.user_id, sending=sending).first()


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _file_under(document: Document, filing: Filing, name: str) -> None:
    document.type_code = filing.type_code
    document.class_code = class_of(filing.type_code)
    document.event_date = filing.event_date
    document.title = (filing.title.strip() or name)[: Document._meta.get_field("title").max_length]
    document.title_key = fold(document.title)[:160]


def _locked(
    access: Access, document: Document, allowed: Callable[[Access, Document], bool]
) -> Document:
    """Read it again, for oneself until the end of the transaction: it may have been withdrawn, or
    filed elsewhere.
    """
    _require(allowed(access, document))
    rows = Document.objects.readable(access).select_for_update(of=("self",))
    found = rows.filter(pk=document.pk).first()
    if found is None:
        raise Http404
    _require(allowed(access, found))
    return found


def _change(document: Document, *fields: str) -> None:
    document.version += 1
    document.save(update_fields=[*fields, "version"])


def _record(kind: Any, access: Access, document: Document, **values: Any) -> None:
    event = kind(
        patient_id=access.patient_id,
        section=document.own_section,
        document_id=document.pk,
        type=document.type_code,
        **values,
    )
    record(event, actor=access.actor, about=document)


@contextmanager
def _kept(
    content: BinaryIO, document: Document, checked: checking.Checked, number: int, access: Access
) -> Iterator[File]:
    """Scan and put the content away for the block, which writes its row; if the block fails, the
    content goes.

    What a transaction undone later leaves behind goes at night (`jobs.clean`).
    """
    content.seek(0)
    scan = scanning.scan(content)
    if scan == Scan.REFUSED:
        raise ValidationError(
            _("L'antivirus a reconnu un programme malveillant : ce fichier est refusé."),
            code="virus",
        )
    pages = drawing.count(checked.kind, content)
    file_id = uuid7()
    stored = store.keep(content, file_id)
    try:
        yield File(
            pk=file_id,
            document=document,
            number=number,
            name=checked.name,
            kind=checked.kind,
            size=stored.sealed.size,
            sha256=stored.sealed.sha256,
            place=stored.place,
            key_id=stored.sealed.key_id,
            sealed_key=stored.sealed.sealed_key,
            scan=scan,
            pages=pages,
            added_at=timezone.now(),
            added_by_user=access.actor.user_id,
            added_by_name=access.actor.person_name,
        )
    except BaseException:
        store.remove(stored.place)
        raise


def _save(file: File) -> None:
    file.save(force_insert=True)
    if file.scan == Scan.PENDING:
        jobs.scan.defer(file_id=str(file.pk))
