"""The documents of a record, and the files that they are made of."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronde.careteam.access import Access
from ronde.careteam.sections import DOCUMENT_CLASSES, documents
from ronde.careteam.sharing import Shared, SharedQuerySet
from ronde.core.models import UUIDModel
from ronde.documents.kinds import KINDS
from ronde.patients.models import Patient


def open_classes(sections: Collection[str]) -> list[str]:
    """The classes of documents among these sections, in the order of the DMP."""
    return [code for code in DOCUMENT_CLASSES if documents(code) in sections]


class DocumentQuerySet(SharedQuerySet):
    def in_sections(self, access: Access) -> Self:
        return self.filter(class_code__in=open_classes(access.readable), withdrawn_at=None)


class Document(UUIDModel, Shared):
    """One document, whatever its versions; `event_date` is the day of what it tells.

    Withdrawn, it is shown to nobody and kept: nothing medical is deleted. `title_key` is the folded
    title, for search; `sending` the number that the browser gave to the sending of the file, so
    that one tried again after a cut network is not kept twice.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="documents")
    class_code = models.CharField(max_length=20)
    type_code = models.CharField(max_length=40)
    title = models.CharField(max_length=150)
    title_key = models.CharField(max_length=160, db_collation="C")
    event_date = models.DateField()

    sending = models.UUIDField(null=True)
    added_at = models.DateTimeField()
    added_by_user = models.UUIDField()
    added_by_party_name = models.CharField(max_length=250)
    added_by_name = models.CharField(max_length=250)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=250, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["patient", "-event_date"],
                condition=Q(withdrawn_at=None),
                name="documents_of_a_record",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "added_by_user", "sending"], name="documents_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(owner_party__isnull=False), name="documents_has_an_owner"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""),
                name="documents_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def own_section(self) -> str:
        """The section of the rights matrix that it belongs to."""
        return documents(self.class_code)

    @property
    def class_label(self) -> Any:
        return DOCUMENT_CLASSES[self.class_code]


class Scan(models.TextChoices):
    """What the antivirus said. `NONE`: the installation has no antivirus."""

    NONE = "none", _("Sans antivirus")
    PENDING = "pending", _("Analyse en cours")
    CLEAN = "clean", _("Sain")
    REFUSED = "refused", _("Refusé par l’antivirus")


class File(UUIDModel):
    """One version of a document: where its sealed content lies, and by which key it opens.

    `name` is the name under which it was sent, made harmless; the content never lies under it.
    `sealed_key` is the key of this file, wrapped by the master key `key_id`; `pages` how many
    pages can be drawn, 0 when none can.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="files")
    number = models.PositiveSmallIntegerField()
    is_current = models.BooleanField(default=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    place = models.CharField(max_length=80, unique=True)
    key_id = models.CharField(max_length=40)
    sealed_key = models.BinaryField()
    scan = models.CharField(max_length=10, choices=Scan)
    pages = models.PositiveSmallIntegerField(default=0)

    added_at = models.DateTimeField()
    added_by_user = models.UUIDField()
    added_by_name = models.CharField(max_length=250)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="documents_file_number_once"
            ),
            models.UniqueConstraint(
                fields=["document"], condition=Q(is_current=True), name="documents_one_current_file"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        """Whether its content may be shown: never while the antivirus has not answered."""
        return self.scan in {Scan.NONE, Scan.CLEAN}

    @property
    def can_be_previewed(self) -> bool:
        return self.is_open and self.pages > 0

    @property
    def mime(self) -> str:
        return KINDS[self.kind].mime

    @property
    def kind_label(self) -> Any:
        return KINDS[self.kind].label
