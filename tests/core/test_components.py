"""What the macros of `core/components` promise to every page."""

import re
from datetime import UTC, datetime

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from jinja2 import UndefinedError

from ronde.core.pagination import Page


class IdentityForm(forms.Form):
    name = forms.CharField(label="Nom de naissance", help_text="Tel qu’écrit sur la pièce")
    nickname = forms.CharField(label="Surnom", required=False)
    sex = forms.ChoiceField(
        label="Sexe", choices=[("F", "Féminin"), ("M", "Masculin")], widget=forms.RadioSelect
    )
    consent = forms.BooleanField(label="J’atteste avoir recueilli le consentement")


def render(source: str, **context: object) -> str:
    html = engines["jinja2"].env.from_string(source).render(**context)
    return re.sub(r"\s+", " ", html)


def test_a_refused_field_says_why_and_ties_the_sentence_to_the_field() -> None:
    html = render("{{ ui.field(form['name']) }}", form=IdentityForm({"name": ""}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert html.count("aria-describedby") == 1


def test_a_field_that_was_not_sent_yet_shows_no_error() -> None:
    html = render("{{ ui.field(form['name']) }}", form=IdentityForm())
    assert "msg-erreur" not in html
    assert "aria-invalid" not in html
    assert 'aria-describedby="id_name_helptext"' in html


def test_a_field_without_help_describes_nothing() -> None:
    html = render("{{ ui.field(form['nickname'], optional=True) }}", form=IdentityForm())
    assert "aria-describedby" not in html
    assert "(facultatif)" in html
    assert "oblig" not in html


def test_what_was_typed_comes_back_escaped() -> None:
    html = render("{{ ui.field(form['name']) }}", form=IdentityForm({"name": '"><script>x'}))
    assert "<script" not in html


def test_radio_buttons_stand_in_a_group_that_carries_the_error() -> None:
    html = render("{{ ui.field(form['sex']) }}", form=IdentityForm({"name": "x"}))
    assert '<fieldset class="champ erreur" id="id_sex" aria-describedby="id_sex_error">' in html
    assert html.count('type="radio"') == 2
    assert "<legend>Sexe" in html


def test_the_list_of_errors_leads_to_each_field_and_takes_the_focus() -> None:
    html = render("{{ ui.error_summary(form) }}", form=IdentityForm({}))
    assert "3 points à corriger" in html
    for address in ("#id_name", "#id_sex_0", "#id_consent"):
        assert f'href="{address}"' in html
    assert "autofocus" in html


def test_a_clean_form_has_no_list_of_errors() -> None:
    assert render("{{ ui.error_summary(form) }}", form=IdentityForm()).strip() == ""


@pytest.mark.parametrize(
    ("current", "sort", "next_value"),
    [("name", "ascending", "-name"), ("-name", "descending", "name"), ("town", None, "name")],
)
def test_a_sortable_heading_tells_its_order_and_asks_for_the_other(
    current: str, sort: str | None, next_value: str
) -> None:
    html = render("{{ ui.th_sort('Nom', 'name', current, form='f') }}", current=current)
    assert (f'aria-sort="{sort}"' in html) if sort else ("aria-sort" not in html)
    assert f'name="tri" value="{next_value}"' in html


def test_pages_of_a_typed_search_are_buttons_so_that_no_name_stands_in_an_address() -> None:
    page = Page(range(20), 2, 20, 1000, capped=True)
    html = render("{{ ui.pagination(page, form='filtres') }}", page=page)
    assert "<a " not in html
    assert 'form="filtres" name="page" value="3"' in html
    assert "21–40 sur plus de 1000" in html


def test_pages_of_a_plain_list_are_links_that_keep_the_other_parameters() -> None:
    page = Page(range(10), 1, 10, 25, capped=False)
    request = RequestFactory().get("/cercle", {"tri": "-name", "page": "1"})
    html = render("{{ ui.pagination(page, request=request) }}", page=page, request=request)
    assert 'href="?tri=-name&amp;page=2"' in html
    assert 'href="?tri=-name&amp;taille=50"' in html  # another size starts again at the first page
    assert "Page 1 / 3" in html
    assert "1–10 sur 25" in html


def test_the_break_glass_band_knows_its_end_and_where_it_leads() -> None:
    until = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    html = render("{{ ui.break_glass(until, 42, '/file-active/') }}", until=until)
    assert 'data-ronde-compte-fin="2026-11-21T12:00:00+00:00"' in html
    assert 'data-ronde-vers="/file-active/"' in html
    assert "<span data-ronde-minutes>42</span>" in html


def test_a_choice_sends_what_is_typed_by_post_when_it_is_health_data() -> None:
    html = render("{{ ui.choice('p', 'Patient', '/chercher/', post=True) }}")
    assert 'hx-post="/chercher/"' in html
    assert "hx-get" not in html
    assert 'role="combobox"' in html
    assert 'aria-controls="id_p-liste"' in html


def test_a_missing_macro_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="nothing"):
        render("{{ ui.nothing() }}")


@pytest.mark.parametrize("base", ["base", "base_porte", "base_dialogue"])
def test_base_pages_need_nothing_inline_and_no_context(base: str) -> None:
    html = engines["jinja2"].env.get_template(f"core/{base}.html").render()
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"\s(?:style|on\w+)=", html)
    assert "{{" not in html
