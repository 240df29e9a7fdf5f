"""What is done apart from any request."""

from django.db import connection
from procrastinate.contrib.django import app


@app.periodic(cron="27 3 * * *")
@app.task(queueing_lock="dossier.purge")
def purge_creations(timestamp: int) -> None:
    """Forget, each night, the creations begun more than a week ago and never finished."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT dossier_purge_creations()")
