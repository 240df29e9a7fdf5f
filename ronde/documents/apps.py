from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# What may change in a document: never the patient, nor who deposited it and when.
CHANGES = (
    "class_code", "type_code", "title", "title_key", "event_date", "sharing", "recipients",
    "withdrawn_at", "withdrawn_by_name", "withdrawn_reason", "version",
)  # fmt: skip


class DocumentsConfig(AppConfig):
    name = "ronde.documents"
    verbose_name = "Documents"
    database_rights = {
        "documents_document": f"SELECT, INSERT, UPDATE ({', '.join(CHANGES)})",
        "documents_file": "SELECT, INSERT, UPDATE (is_current)",
    }
    # What the preview of a merge calls the tables that follow a patient.
    merged_as = {"documents_document": _("Documents")}
