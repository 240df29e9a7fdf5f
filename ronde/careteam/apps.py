from django.apps import AppConfig


class CareteamConfig(AppConfig):
    name = "ronde.careteam"
    verbose_name = "Cercle de soins"
    database_rights = {
        "careteam_grant": "SELECT",
        "careteam_member": "SELECT, INSERT, UPDATE",
        "careteam_memberrole": "SELECT, INSERT, UPDATE",
        "careteam_breakglass": "SELECT, INSERT, UPDATE (ended_at)",
        "careteam_sectionright": "SELECT",
    }
