"""What is done apart from any request."""

from procrastinate.contrib.django import app

from ronde.patients.merging import sweep


@app.periodic(cron="47 2 * * *")
@app.task(queueing_lock="patients.sweep")
def find_duplicates(timestamp: int) -> None:
    """Look, each night, for records that may be of one person."""
    sweep.run()
