from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# What may change in the row of a member: never the patient, the party, nor who added them.
MEMBER_CHANGES = (
    "kind", "display_name", "habilitated", "habilitated_at", "review_on", "refused", "refused_at",
    "description", "establishment", "unit", "function", "address_line", "postcode", "city",
    "title", "family_name", "given_name", "registration_number", "profession_code",
    "relationship_code", "email", "phone", "mobile", "is_unlisted", "short_name", "finess",
    "siret", "siren", "responsible", "wants_access", "is_informed", "removed_at",
    "removed_by_name", "version",
)  # fmt: skip


class CareteamConfig(AppConfig):
    name = "ronde.careteam"
    verbose_name = "Cercle de soins"
    database_rights = {
        "careteam_grant": "SELECT",
        "careteam_member": f"SELECT, INSERT, UPDATE ({', '.join(MEMBER_CHANGES)})",
        "careteam_memberrole": "SELECT, INSERT, UPDATE (is_current)",
        "careteam_awaitedaccount": "SELECT, INSERT, UPDATE (settled_at, outcome)",
        "careteam_breakglass": "SELECT, INSERT, UPDATE (ended_at)",
        "careteam_sectionright": "SELECT, INSERT, UPDATE (level), DELETE",
        "careteam_matrixchange": "SELECT, INSERT",
        "careteam_review": "SELECT, INSERT, UPDATE (verdict, comment, decided_at, decided_by,"
        " decided_by_name, closed_at, version)",
        "careteam_accessrequest": "SELECT, INSERT, UPDATE (reminded_at, answer, reason,"
        " answered_at, answered_by, answered_by_name)",
        "careteam_explanation": "SELECT, INSERT, UPDATE (answer, answered_at)",
    }
    # What the preview of a merge calls the tables that follow a patient.
    merged_as = {
        "careteam_member": _("Membres du cercle de soins"),
        "careteam_memberrole": _("Rôles"),
        "careteam_breakglass": _("Accès bris de glace"),
        "careteam_awaitedaccount": _("Comptes demandés"),
        "careteam_accessrequest": _("Accès demandés"),
    }

    def ready(self) -> None:
        import_module("ronde.careteam.awaiting_jobs")
        import_module("ronde.careteam.lasting")
