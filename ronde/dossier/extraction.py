"""«Extraire les données du patient»: asking for it, making it, giving it, forgetting it.

The file is an archive: a summary to read (PDF/UA), the data as JSON, the documents with their
former versions, and a manifest that tells what is there, what was left out and why, with the digest
of each file.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts.models import User
from ronde.accounts.queries import actor_for, identities
from ronde.careteam.access import Access, access_to
from ronde.careteam.sections import IDENTITY, SECTIONS
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.documents import queries as documents
from ronde.documents import store
from ronde.documents.models import Document, File
from ronde.dossier import extraction_parts, jobs, summary
from ronde.dossier.events import RecordExtracted
from ronde.dossier.models import Extraction, ExtractionState
from ronde.journal.actions import record

FORMAT = "ronde-extraction-1"
KEPT = timedelta(hours=24)
IN_MEMORY = 4_194_304
# What is under way for longer than this was lost with its worker, and may be asked again.
LOST_AFTER = timedelta(hours=1)


@transaction.atomic
def ask(access: Access, purpose: str) -> Extraction:
    """Ask for the archive; one at a time for each record and person."""
    access.require(IDENTITY, write=True)
    under_way = mine(access).filter(
        state__in=[ExtractionState.WAITING, ExtractionState.RUNNING],
        asked_at__gt=timezone.now() - LOST_AFTER,
    )
    if under_way.exists():
        raise ValidationError(_("Une extraction de ce dossier est déjà en préparation."))
    found = Extraction(
        patient_id=access.patient_id,
        user_id=access.actor.user_id,
        party_id=access.actor.party_id,
        purpose=purpose,
        asked_at=timezone.now(),
    )
    found.save(force_insert=True)
    event = RecordExtracted(patient_id=access.patient_id, purpose=purpose)
    record(event, actor=access.actor)
    jobs.make_extraction.defer(
        extraction_id=str(found.pk),
        patient_id=str(access.patient_id),
        user_id=str(access.actor.user_id),
        party_id=str(access.actor.party_id),
    )
    return found


def mine(access: Access) -> Any:
    """What this person asked of this record, in this name, the last first."""
    return Extraction.objects.filter(
        patient_id=access.patient_id,
        user_id=access.actor.user_id,
        party_id=access.actor.party_id,
    ).order_by("-asked_at")


def ready(access: Access, extraction_id: UUID) -> Extraction | None:
    """The archive of this day, if what it was made from is still open to who asked."""
    found = mine(access).filter(pk=extraction_id).first()
    return found if found and is_ready(access, found) else None


def is_ready(access: Access, found: Extraction) -> bool:
    """One that holds a section closed since is to be made again, without it."""
    lasts = found.expires_at is not None and found.expires_at > timezone.now()
    return found.state == ExtractionState.READY and lasts and not closed_since(access, found)


def closed_since(access: Access, found: Extraction) -> bool:
    return not access.readable.issuperset(found.sections)


def content(found: Extraction) -> Iterator[bytes]:
    with closing(store.content(found.place, found.key_id, found.sealed_key, found.pk)) as pieces:
        yield from pieces


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes one archive, as the person who asked: what they may read no more is not in it."""

    extraction_id: UUID
    patient_id: UUID
    user_id: UUID
    party_id: UUID

    def make(self) -> None:
        """Write the archive part by part; a failure, whatever it is, is told to who asked."""
        actor = self._actor()
        if actor is None:
            return
        finished = False
        try:
            self._make(actor)
            finished = True
        finally:
            if not finished:
                self._set(actor, state=ExtractionState.FAILED)

    def _actor(self) -> Actor | None:
        """The identity that asked, if it is still theirs."""
        user = User.objects.select_related("person").filter(pk=self.user_id, is_active=True).first()
        known = identities(user) if user else []
        chosen = next((one for one in known if one.party_id == self.party_id), None)
        return actor_for(user, chosen) if user and chosen else None

    def _as(self, actor: Actor) -> Any:
        return acting(party_id=actor.party_id, user_id=actor.user_id, delegated=actor.is_delegate)

    def _make(self, actor: Actor) -> None:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                self._write(actor, Archive(archive))
            stored = store.keep(file, self.extraction_id)
        self._set(
            actor,
            state=ExtractionState.READY,
            place=stored.place,
            key_id=stored.sealed.key_id,
            sealed_key=stored.sealed.sealed_key,
            size=stored.sealed.size,
            sha256=stored.sealed.sha256,
            expires_at=timezone.now() + KEPT,
        )

    def _write(self, actor: Actor, archive: "Archive") -> None:
        with self._as(actor), transaction.atomic():
            access = access_to(actor, self.patient_id)
            papers = list(documents.readable(access))
            parts = {name: make(access) for name, make in extraction_parts.of(access).items()}
            number = access.patient.record_number
            pdf = summary.document(access, parts)
            cut = extraction_parts.cut(parts)
            left_out = sorted(str(SECTIONS[one]) for one in SECTIONS.keys() - access.readable)
        self._set(
            actor,
            state=ExtractionState.RUNNING,
            total=len(papers) + 2,
            sections=sorted(access.readable),
        )
        archive.add("synthese.pdf", [pdf])
        archive.add("dossier.json", [_json(parts)])
        for rank, paper in enumerate(papers, 1):
            self._add_paper(actor, archive, paper)
            self._set(actor, done=rank)
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now(),
            "made_by": actor.signature,
            "record_number": number,
            "sections_left_out": left_out,
            "documents_left_out": archive.left_out,
            "cut": cut,
            "files": archive.files,
        }
        archive.add("manifest.json", [_json(manifest)])

    def _add_paper(self, actor: Actor, archive: "Archive", paper: Document) -> None:
        """One document and its former versions, read again under the right that one has now."""
        with self._as(actor), transaction.atomic():
            access = access_to(actor, self.patient_id)
            if not documents.readable(access).filter(pk=paper.pk).exists():
                return
            files = documents.files(paper)
        for file in files:
            if file.is_open:
                pieces = store.content(file.place, file.key_id, file.sealed_key, file.pk)
                archive.add(_path(paper, file), pieces)
            else:
                why = {"title": paper.title, "version": file.number, "why": file.get_scan_display()}
                archive.left_out.append({name: str(value) for name, value in why.items()})

    def _set(self, actor: Actor, **values: Any) -> None:
        """Tell how far it is; Http404 when the record was closed to who asked."""
        with self._as(actor), transaction.atomic():
            if not Extraction.objects.filter(pk=self.extraction_id).update(**values):
                raise Http404


class Archive:
    """An archive being written, and what its manifest will say of each file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.files: list[dict[str, Any]] = []
        self.left_out: list[dict[str, str]] = []

    def add(self, path: str, pieces: Iterable[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        with self.archive.open(path, "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.files.append({"path": path, "size": size, "sha256": digest.hexdigest()})


def _path(paper: Document, file: File) -> str:
    """Where a version lies in the archive; the last one bears no number."""
    former = "" if file.is_current else f"-v{file.number}"
    return f"documents/{paper.event_date}-{file.pk.hex[-8:]}{former}-{file.name}"


def _json(values: Any) -> bytes:
    return json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def expire() -> int:
    """Remove the archives whose day is over; answer how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place FROM dossier_expire_extractions()")
        places = [row[0] for row in cursor.fetchall()]
    for place in places:
        store.remove(place)
    return len(places)
