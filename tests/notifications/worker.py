"""Running deferred jobs in tests: in this connection, or by a real worker on committed data."""

from unittest.mock import patch

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def deferred() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(status="todo").order_by("id"))


def run_jobs() -> int:
    """Run what was deferred, in order, without waiting for the commit; a failure is raised."""
    jobs = deferred()
    for job in jobs:
        app.tasks[job.task_name].func(**job.args)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
    return len(jobs)


def run_worker() -> None:
    """Start the worker of production on what is committed, until nothing is left to do now.

    What it does by the clock waits: at a quarter past, it would defer one more job.
    """
    clock = patch.dict(app.periodic_registry.periodic_tasks, clear=True)
    with clock, app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def make_due() -> None:
    """Let the waits of the retried jobs be over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
