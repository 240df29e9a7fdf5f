"""Creating a record, as somebody does it in the browser: search, decide, identity and consent."""

import re
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.dossier.jobs import purge_creations
from ronde.dossier.models import Creation
from ronde.journal.models import JournalEntry
from ronde.patients.models import Consent, IdentityStatus, Patient
from tests import factories as f
from tests.signing import act_as

pytestmark = pytest.mark.django_db
SEARCH = "/dossiers/nouveau/"
TRAITS = {
    "birth_name": "Marchetti",
    "first_given": "Jeanne",
    "birth_date": "12/03/1942",
    "sex": "F",
    "where": "france",
    "birth_commune": "83126",
}
CONSENT = {"given_by": "patient", "attested": "on"}


@pytest.fixture
def me():
    return f.user()


@pytest.fixture
def web(client: Client, me) -> Client:
    client.force_login(me)
    return client


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def problems(answer) -> list[str]:
    return re.findall(r'<p class="msg-erreur"[^>]*>.*?<span>(.*?)</span>', text(answer))


def creation() -> Creation:
    with as_owner():
        return Creation.objects.latest("started_at")


def patients() -> list[Patient]:
    with as_owner():
        return list(Patient.objects.order_by("record_number"))


def begin(web: Client, **traits) -> str:
    """Search, and come to the page of the identity; say that it is somebody else if asked."""
    answer = web.post(SEARCH, {**TRAITS, **traits})
    assert answer.status_code == 302, problems(answer)
    if answer.url.endswith("/identite/"):
        return answer.url
    return decide(web, answer.url)


def decide(web: Client, address: str) -> str:
    page = web.get(address)
    seal = re.search(r'name="vus" value="([^"]+)"', page.content.decode())[1]
    answer = web.post(address, {"vus": seal, "different": "on", "why": "Carte d'identité vue"})
    assert answer.status_code == 302, problems(answer)
    return answer.url


def create(web: Client, address: str, **values):
    return web.post(address, {**TRAITS, **CONSENT, **values})


def test_somebody_unknown_is_created_with_consent_and_the_creator_is_habilitated(web, me):
    answer = create(web, begin(web), email="Jeanne@Exemple.fr", mobile="06 39 98 00 01",
                    commune_code="83126", address_line="14 rue des Aires")  # fmt: skip
    (patient,) = patients()
    assert answer.url == reverse("dossier:record", args=[patient.pk])
    assert (patient.birth_name, patient.first_given) == ("MARCHETTI", "JEANNE")
    assert (patient.birth_place, patient.birth_country_code) == ("La Seyne-sur-Mer", "99100")
    assert (patient.city, patient.postcode) == ("La Seyne-sur-Mer", "83500")
    assert (patient.email, patient.mobile) == ("Jeanne@exemple.fr", "+33639980001")
    assert patient.identity_status == IdentityStatus.PROVISOIRE
    with as_owner():
        member = Member.objects.get(patient=patient)
        consent = Consent.objects.get(patient=patient)
        assert not Creation.objects.exists()
    assert (member.party_id, member.habilitated, member.origin) == (me.person_id, True, "auto")
    assert (consent.given_by, consent.attested_by_name) == ("patient", me.full_name)


def test_a_structure_creates_in_its_own_name(client):
    place = f.structure()
    nurse = f.user("RICCI", "Paola", attached_to=place)
    client.force_login(nurse)
    act_as(client, place.pk)
    create(client, begin(client))
    with as_owner():
        member = Member.objects.get()
    assert (member.party_id, member.added_by_user) == (place.pk, nurse.pk)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"birth_name": ""}, "Veuillez indiquer le nom de naissance."),
        ({"birth_name": "M4RTIN"}, "Un nom ne contient pas de chiffre."),
        ({"first_given": ""}, "Veuillez indiquer le 1er prénom de naissance."),
        ({"birth_date": ""}, "Veuillez indiquer la date de naissance (JJ/MM/AAAA)."),
        ({"birth_date": "12/03/42"}, "Écrivez l&#39;année avec quatre chiffres : JJ/MM/AAAA."),
        ({"birth_date": "31/02/1942"}, "Le 31/02/1942 n&#39;existe pas au calendrier."),
        ({"birth_date": "12/03/2142"}, "Cette date est dans le futur."),
        ({"birth_date": "12/03/1842"}, "Plus de 130 ans"),
        ({"sex": ""}, "Veuillez indiquer le sexe."),
        ({"sex": "X"}, "Sélectionnez un choix valide"),
        ({"birth_commune": ""}, "Veuillez indiquer la ville."),
        ({"birth_commune": "83999"}, "Ce lieu n&#39;existe pas : choisissez-le dans la liste."),
        ({"where": "etranger", "birth_country": ""}, "Veuillez indiquer le pays."),
        ({"where": "etranger", "birth_country": "99100"}, "indiquez la commune."),
        ({"where": ""}, "Veuillez indiquer le lieu de naissance."),
    ],
)
def test_a_wrong_trait_is_said_and_nothing_typed_is_lost(web, wrong, message):
    answer = web.post(SEARCH, {**TRAITS, **wrong})
    assert answer.status_code == 422
    assert message in text(answer)
    kept = {**TRAITS, **wrong}["first_given"] or "12/03/1942"
    assert f'value="{kept}"' in text(answer)
    with as_owner():
        assert not JournalEntry.objects.filter(event="IdentitySearched").exists()


def test_a_town_typed_and_not_chosen_is_found_when_it_is_the_only_one(web):
    web.post(SEARCH, {**TRAITS, "birth_commune": "", "q": "la seyne sur mer"})
    assert creation().values["birth_commune"] == "83126"


def test_a_town_typed_that_could_be_several_is_asked_again_with_what_was_typed(web):
    answer = web.post(SEARCH, {**TRAITS, "birth_commune": "", "q": "saint"})
    assert "« saint » : choisissez dans la liste" in text(answer)
    assert 'value="saint"' in text(answer)


def test_the_place_abroad_is_the_country(web):
    create(web, begin(web, where="etranger", birth_country="99352"),
           where="etranger", birth_country="99352")  # fmt: skip
    (patient,) = patients()
    assert (patient.birth_place_code, patient.birth_country_code) == ("99352", "99352")
    assert patient.birth_place == "Algérie"


def test_the_search_is_recorded_without_any_trait(web, me):
    f.patient(f.actor(f.user("ROUX", "Hugo")))
    web.post(SEARCH, TRAITS)
    with as_owner():
        entry = JournalEntry.objects.get(event="IdentitySearched")
    assert (entry.user_id, entry.payload) == (me.pk, {"found": 1})
    assert entry.patient_id is None


def test_no_trait_stands_in_an_address(web):
    f.patient(f.actor(f.user("ROUX", "Hugo")))
    answer = web.post(SEARCH, TRAITS, follow=True)
    addresses = " ".join(address for address, _status in answer.redirect_chain).lower()
    assert "marchetti" not in addresses
    assert "1942" not in addresses


def test_a_record_of_others_is_proposed_with_its_traits_and_break_glass(web):
    theirs = f.patient(f.actor(f.user("ROUX", "Hugo")), used_name="DURAND", phone="+33494000009")
    page = text(web.post(SEARCH, TRAITS, follow=True))
    for shown in ("MARCHETTI Jeanne", "12/03/1942", "La Seyne-sur-Mer (83126)", "DURAND",
                  "Provisoire", "Doublon probable", "même date de naissance"):  # fmt: skip
        assert shown in page
    assert reverse("dossier:break_glass", args=[theirs.pk]) in page
    assert f'href="{reverse("dossier:record", args=[theirs.pk])}"' not in page
    for hidden in ("ROUX", "Hugo", "04 94 00 00 09"):
        assert hidden not in page


def test_a_record_that_i_follow_opens(web, me):
    mine = f.patient(f.actor(me))
    page = text(web.post(SEARCH, TRAITS, follow=True))
    assert reverse("dossier:record", args=[mine.pk]) in page
    assert reverse("dossier:break_glass", args=[mine.pk]) not in page


def test_a_probable_duplicate_stops_until_somebody_decides_and_says_why(web, me):
    known = f.patient(f.actor(f.user("ROUX", "Hugo")))
    near = web.post(SEARCH, TRAITS).url
    seal = re.search(r'name="vus" value="([^"]+)"', web.get(near).content.decode())[1]
    answer = web.post(near, {"vus": seal})
    assert answer.status_code == 422
    assert "Comparez les traits, puis cochez" in text(answer)
    assert "Dites ce qui montre que c&#39;est une autre personne." in text(answer)
    answer = create(web, decide(web, near))
    with as_owner():
        created = Patient.objects.exclude(pk=known.pk).get()
        entry = JournalEntry.objects.get(event="RecordOpened", patient_id=created.pk)
    assert created.duplicate_decision == "Carte d'identité vue"
    assert entry.payload == {"decided_against": 1, "why": "Carte d'identité vue"}


def test_going_round_the_decision_by_typing_the_address_is_stopped(web):
    f.patient(f.actor(f.user("ROUX", "Hugo")))
    near = web.post(SEARCH, TRAITS).url
    answer = create(web, f"{near}identite/")
    assert answer.url == near
    assert len(patients()) == 1


def test_a_forged_list_of_seen_identities_counts_for_nothing(web):
    f.patient(f.actor(f.user("ROUX", "Hugo")))
    near = web.post(SEARCH, TRAITS).url
    answer = web.post(near, {"vus": "forged", "different": "on", "why": "Jumeau"})
    assert answer.status_code == 409
    assert "vient d&#39;apparaître" in text(answer)


def test_a_decision_covers_the_identities_shown_and_no_later_one(web):
    other = f.actor(f.user("ROUX", "Hugo"))
    f.patient(other)
    address = begin(web)
    f.patient(other, first_given="JEANNE", used_name="DURAND")
    answer = create(web, address)
    assert answer.url == reverse("dossier:create_near", args=[creation().pk])
    assert len(patients()) == 2
    page = text(web.get(answer.url))
    assert page.count("Doublon probable") == 2
    assert create(web, decide(web, answer.url)).status_code == 302
    assert len(patients()) == 3


def test_traits_changed_on_the_last_page_are_searched_again(web):
    f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="MORETTI", first_given="ANGELO",
              birth_date=date(1950, 5, 5))  # fmt: skip
    address = begin(web)
    answer = create(web, address, birth_name="Moretti", first_given="Angelo",
                    birth_date="05/05/1950")  # fmt: skip
    assert answer.url == reverse("dossier:create_near", args=[creation().pk])
    assert "Moretti" not in answer.url
    assert 'value="MORETTI"' in text(web.get(f"{answer.url}identite/"))


def test_twins_and_homonyms_are_flagged(web):
    other = f.actor(f.user("ROUX", "Hugo"))
    f.patient(other, first_given="LOUISE", is_homonym=True)
    page = text(web.post(SEARCH, TRAITS, follow=True))
    assert "Jumeau ou jumelle ?" in page
    assert "Homonyme signalé" in page
    assert "Doublon probable" not in page


def test_a_form_sent_twice_makes_one_record(web):
    address = begin(web)
    first, second = create(web, address), create(web, address)
    assert len(patients()) == 1
    assert first.url == second.url == reverse("dossier:record", args=[patients()[0].pk])


def test_somebody_else_s_creation_does_not_exist(web, client):
    address = begin(web)
    client.force_login(f.user("ROUX", "Hugo"))
    assert client.get(address).status_code == 404
    assert create(client, address).status_code == 404


def test_a_creation_under_way_is_offered_again_and_can_be_abandoned(web):
    begin(web)
    page = text(web.get(SEARCH))
    assert "Créations non terminées" in page
    assert "MARCHETTI JEANNE" in page
    web.post(reverse("dossier:create_abandon", args=[creation().pk]))
    assert "Créations non terminées" not in text(web.get(SEARCH))


def test_the_search_can_be_corrected(web):
    address = begin(web)
    key = creation().pk
    page = text(web.get(f"{SEARCH}?reprise={key}"))
    assert 'value="MARCHETTI"' in page
    web.post(SEARCH, {**TRAITS, "birth_name": "Marchetta", "reprise": str(key)})
    assert creation().pk == key
    assert 'value="MARCHETTA"' in text(web.get(address))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"attested": ""}, "vous ne pouvez pas créer le patient sans son consentement."),
        ({"given_by": ""}, "Indiquez qui a donné le consentement."),
        ({"given_by": "autre"}, "Précisez qui donne le consentement."),
        ({"given_by": "parental"}, "Le patient est majeur"),
        ({"proof": "permis"}, "Permis de conduire : pièce non reconnue"),
        ({"proof": "vitale"}, "Carte Vitale : pièce non reconnue"),
        ({"proof": "PA"}, "Recopiez tous les prénoms inscrits sur la pièce"),
        ({"proof": "PA", "given_names": "Jeanne", "is_doubtful": "on"}, "reste provisoire"),
        ({"is_doubtful": "on", "is_fictitious": "on"}, "pas à la fois douteuse et fictive."),
        ({"birth_name": "vide"}, "VIDE est réservé aux identités fictives"),
        ({"given_names": "Louise Jeanne"}, "La liste commence par le premier prénom, JEANNE"),
        ({"uses_other": "on"}, "Indiquez le nom utilisé ou le prénom utilisé"),
        ({"uses_other": "on", "used_name": "Dur4nd"}, "Un nom ne contient pas de chiffre."),
        ({"twin_rank": "0"}, "Le rang gémellaire est un chiffre"),
        ({"nir": "242038312604218"}, "sa clé est fausse"),
        ({"nir": "2420383126042"}, "Ajoutez la clé"),
        ({"holder_nir": "242038312604272"}, "n&#39;est demandé que pour un mineur."),
        ({"email": "jeanne"}, "il manque l&#39;arobase"),
        ({"mobile": "06 12"}, "Numéro de téléphone non valable"),
        ({"postcode": "8350"}, "Le code postal compte 5 chiffres."),
        ({"commune_code": "83999"}, "Ce lieu n&#39;existe pas"),
    ],
)
def test_what_is_wrong_in_the_identity_is_said_beside_the_field(web, wrong, message):
    address = begin(web)
    answer = create(web, address, address_line="14 rue des Aires", **wrong)
    assert answer.status_code == 422
    assert message in text(answer)
    assert 'value="14 rue des Aires"' in text(answer)
    assert patients() == []


def test_a_document_seen_validates_the_identity(web, me):
    create(web, begin(web), proof="PA", given_names="Jeanne Marie")
    (patient,) = patients()
    assert patient.identity_status == IdentityStatus.VALIDEE
    assert (patient.proof, patient.proof_checked_by) == ("PA", me.pk)
    assert patient.given_names == "JEANNE MARIE"


def test_a_used_name_is_kept_only_when_it_is_another_one(web):
    create(web, begin(web), uses_other="on", used_name="Durand", used_given="jeanne")
    (patient,) = patients()
    assert (patient.used_name, patient.used_given) == ("DURAND", "")
    assert patient.sort_key == "DURAND JEANNE"


def test_the_conventions_of_unknown_traits_are_accepted(web):
    unknown = {"birth_name": "à demander", "birth_date": "01/01/1900", "where": "inconnu"}
    create(web, begin(web, **unknown), **unknown)
    (patient,) = patients()
    assert (patient.birth_name, patient.birth_place_code) == ("A DEMANDER", "99999")


@pytest.mark.parametrize("place", [{"where": "france"}, {"where": "etranger"}])
def test_99999_typed_for_the_town_or_the_country_is_an_unknown_place(web, place):
    """AZUREZO, «Création patient»: «Pays ou commune de naissance inconnu(e) : saisir 99999»."""
    typed = {**place, "birth_commune": "", "q": "99999"}
    identity = begin(web, **typed)
    assert re.search(r'value="inconnu"[^>]* checked', text(web.get(identity)))
    create(web, identity, **typed)
    (patient,) = patients()
    assert (patient.birth_place_code, patient.birth_country_code) == ("99999", "99999")


def test_a_fictitious_identity_may_be_empty(web):
    empty = {"birth_name": "VIDE", "first_given": "VIDE"}
    create(web, begin(web, **empty), **empty, is_fictitious="on")
    assert patients()[0].is_fictitious


def test_the_holder_s_number_is_taken_for_a_minor(web):
    child = {"birth_date": "02/07/2026"}
    create(
        web, begin(web, **child), **child, given_by="parental", holder_nir="2 42 03 83 126 042 72"
    )
    assert patients()[0].holder_nir == "242038312604272"


def test_a_change_of_acting_identity_is_said_before_the_record_is_created(client):
    place = f.structure()
    nurse = f.user("RICCI", "Paola", attached_to=place)
    client.force_login(nurse)
    address = begin(client)
    act_as(client, place.pk)
    answer = create(client, address)
    assert answer.status_code == 422
    assert "Vous agissez maintenant pour DAC Var Ouest" in text(answer)
    assert create(client, address).status_code == 302
    with as_owner():
        assert Member.objects.get().party_id == place.pk


def test_documents_of_consent_are_pdf_files_that_name_nobody(web):
    address = begin(web)
    for name in (reverse("dossier:consent_form"), address.replace("identite", "consentement")):
        answer = web.get(name)
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="consentement.pdf"'


def test_a_draft_comes_back_on_the_page_of_the_identity(web, me):
    address = begin(web)
    typed = urlencode({**TRAITS, "address_line": "2 rue Neuve"})
    form = "application/x-www-form-urlencoded"
    web.post(f"{reverse('accounts:draft')}?pour={address}", typed, content_type=form)
    assert 'value="2 rue Neuve"' in text(web.get(address))
    create(web, address)
    with as_owner():
        assert not me.drafts.exists()


def test_a_stranger_reads_no_creation_by_sql(web):
    begin(web)
    hugo = f.user("ROUX", "Hugo")
    with acting(party_id=hugo.person_id, user_id=hugo.pk):
        assert not Creation.objects.exists()


def test_a_creation_never_finished_is_forgotten_after_a_week(web):
    begin(web)
    begin(web)
    old = creation()
    with as_owner():
        Creation.objects.filter(pk=old.pk).update(started_at=old.started_at - timedelta(days=8))
    purge_creations(0)
    with as_owner():
        assert [one.pk == old.pk for one in Creation.objects.all()] == [False]
