"""The ground that the journeys stand on."""

from threading import Thread

from django.db import connection

from ronde.terminology.models import Commune
from tests import factories as f


def test_the_server_works_under_the_role_of_the_application(site):
    seen = []

    def ask():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, (SELECT count(*) FROM terminology_commune)")
            seen.append(cursor.fetchone())
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert seen == [("ronde_app", Commune.objects.count())]
    assert seen[0][1] > 0


def test_a_page_in_error_is_seen(visit):
    visitor = visit(f.user())
    visitor.page.goto("/")
    with visitor.page.expect_console_message(lambda message: "style-src" in message.text):
        visitor.page.evaluate("document.body.setAttribute('style', 'color: red')")
    with visitor.context.expect_event("weberror"):
        visitor.page.evaluate("setTimeout(() => { throw new Error('lost') })")
    said, visitor.troubles = visitor.troubles, []
    assert any("style-src" in one for one in said)
    assert any("lost" in one for one in said)
