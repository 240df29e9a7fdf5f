"""Pages of errors: French, the same for all, and nothing of what happened inside."""

import json

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils.encoding import force_str

from config import urls
from ronde.core.gate import public_view
from tests import factories as f

pytestmark = pytest.mark.django_db
SECRET = "MARCHETTI Jeanne 12/03/1942"
HTMX = {"HX-Request": "true"}
CAUSES = {
    "400": SuspiciousOperation(SECRET),
    "403": PermissionDenied(SECRET),
    "404": Http404(SECRET),
    "500": RuntimeError(SECRET),
}


@public_view
def fails(request: HttpRequest, status: str) -> HttpResponse:
    raise CAUSES[status]


urlpatterns = [path("echec/<str:status>/", fails), path("", include(urls.urlpatterns))]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler429, handler500 = urls.handler429, urls.handler500


@pytest.fixture(params=["anonymous", "signed in"])
def web(request) -> Client:
    client = Client(raise_request_exception=False)
    if request.param == "signed in":
        client.force_login(f.user())
    with override_settings(ROOT_URLCONF=__name__):
        yield client


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("400", "Demande incomprise"),
        ("403", "Action non autorisée"),
        ("404", "Page introuvable"),
        ("500", "Erreur du serveur"),
    ],
)
def test_each_error_is_told_in_french_and_tells_no_more(web, status, said):
    answer = web.get(f"/echec/{status}/")
    page = force_str(answer.content)
    assert answer.status_code == int(status)
    assert f"<h1>{said}</h1>" in page
    assert "Traceback" not in page
    assert "MARCHETTI" not in page
    assert "mailto:" in page


@pytest.mark.parametrize("status", ["400", "403", "404"])
def test_htmx_gets_a_short_fragment(web, status):
    answer = web.get(f"/echec/{status}/", headers=HTMX)
    page = force_str(answer.content)
    assert answer.status_code == int(status)
    assert 'role="alert"' in page
    assert "<html" not in page
    assert "MARCHETTI" not in page


def test_whoever_acts_keeps_the_menu_around_the_error(client):
    client.force_login(f.user())
    assert 'class="haut"' in force_str(client.get("/nulle-part/").content)
    assert 'class="porte"' in force_str(Client().get("/nulle-part/").content)


def test_a_page_that_does_not_exist_looks_like_a_record_that_is_not_open(client):
    client.force_login(f.user())
    page = force_str(client.get("/nulle-part/").content)
    assert "Ce dossier ou cette page n&#39;existe pas, ou ne vous est pas accessible" in page


def test_a_broken_database_still_gives_a_page(client, monkeypatch):
    """The page of a server error asks nothing of the request nor of the database."""

    def broken(*args: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("ronde.accounts.queries.identities", broken)
    client.raise_request_exception = False
    client.force_login(f.user())
    answer = client.get("/profil/")
    assert answer.status_code == 500
    assert "Erreur du serveur" in force_str(answer.content)


def test_a_host_that_is_not_ours_gets_the_page_too(client):
    answer = client.get("/connexion/", headers={"Host": "ailleurs.example"})
    assert answer.status_code == 400
    assert "Demande incomprise" in force_str(answer.content)


def test_a_form_without_its_secret_leaves_an_htmx_page_as_it_is():
    web = Client(enforce_csrf_checks=True)
    web.force_login(f.user())
    answer = web.post("/profil/", {}, headers=HTMX)
    assert (answer.status_code, answer.content) == (403, b"")
    assert answer.headers["HX-Reswap"] == "none"
    said = json.loads(answer.headers["HX-Trigger"])["ronde:annonce"]
    assert said["genre"] == "erreur"
    assert "Rechargez" in said["texte"]
