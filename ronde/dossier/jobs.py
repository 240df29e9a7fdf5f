"""What is done apart from any request."""

from importlib import import_module
from uuid import UUID

from django.db import connection
from procrastinate.contrib.django import app


@app.periodic(cron="27 3 * * *")
@app.task(queueing_lock="dossier.purge")
def purge_creations(timestamp: int) -> None:
    """Forget, each night, the creations begun more than a week ago and never finished."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT dossier_purge_creations()")


@app.task(name="dossier.make_extraction")
def make_extraction(*, extraction_id: str, patient_id: str, user_id: str, party_id: str) -> None:
    """Make the archive that somebody asked for, in their name."""
    extraction = import_module("ronde.dossier.extraction")
    keys = (UUID(one) for one in (extraction_id, patient_id, user_id, party_id))
    extraction.Maker(*keys).make()


@app.periodic(cron="13 * * * *")
@app.task(queueing_lock="dossier.expire")
def expire_extractions(timestamp: int) -> None:
    """Remove, each hour, the archives whose day is over."""
    import_module("ronde.dossier.extraction").expire()
