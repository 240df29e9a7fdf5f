"""The ground that the journeys stand on."""

from threading import Thread

from django.db import connection

from ronde.terminology.models import Commune
from tests import factories as f
from tests.e2e.keyboard import unreached


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


def test_what_the_keyboard_cannot_use_is_seen(visit, sophie, record):
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/")
    assert unreached(page) == []
    page.get_by_role("main").evaluate("""main => {
        main.insertAdjacentHTML("beforeend", `<div data-ronde-copie="x">copie</div>
            <a href="#" tabindex="-1">lien</a><button tabindex="2">avant</button>
            <span hx-get="/">ouvre</span><button id="discret">discret</button>`)
        document.styleSheets[0].insertRule("#discret:focus-visible { outline: none }", 9)
        document.styleSheets[0].insertRule("#discret { all: unset }", 10)
    }""")
    faults = [one.split(": <")[0] for one in unreached(page)]
    assert faults == [
        "out of the way of Tab",
        "out of the way of Tab",
        "takes its turn before what comes first",
        "out of the way of Tab",
        "does not show that it has the focus",
    ]
