"""What holds everywhere, whatever is added: gates, policies, templates, words."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from jinja2 import nodes

from ronde.core.templating import environment

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(ROOT.glob("ronde/*/templates/**/*.html"))


GATES = {"public", "signed_in", "actor", "record", "duty"}


def addresses(patterns=None, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            name = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            found += addresses(entry.url_patterns, name)
        else:
            found.append((f"{prefix}{entry.name}", entry))
    return found


@pytest.mark.parametrize("name", [name for name, _ in addresses()])
def test_every_address_has_a_gate(name):
    pattern = dict(addresses())[name]
    assert getattr(pattern.callback, "gate", None) in GATES


# What holds nothing of a patient: reference data, accounts, and which event was told to whom.
WITHOUT_POLICY = re.compile(
    r"directory_|terminology_|notifications_sent$|accounts_(attachment|device|prosantelink"
    r"|sharedvalue|supportrequest|termsacceptance|user)$"
)


@pytest.mark.django_db
def test_every_table_has_a_policy_save_those_that_hold_nothing_of_a_patient():
    bound = {
        table
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("ronde.")
        and not WITHOUT_POLICY.match(table := model._meta.db_table)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relrowsecurity AND EXISTS"
            " (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)"
        )
        protected = {row[0] for row in cursor.fetchall()}
    assert bound - protected == set()
    assert {"careteam_grant", "patients_patient", "careteam_member"} <= protected


@pytest.mark.django_db
def test_the_application_owns_nothing_and_bypasses_nothing():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.DATABASE_APP_ROLE,)
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_no_extension_is_used():
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        assert [row[0] for row in cursor.fetchall()] == ["plpgsql"]


# What one keeps for oneself, and the lines of the rights matrix, which keeps its own history.
DELETED = {"dossier_creation", "worklist_favourite", "careteam_sectionright"}


@pytest.mark.django_db
def test_nothing_of_a_record_can_be_deleted_by_the_application():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.relname, has_table_privilege(c.oid, 'DELETE, TRUNCATE')"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'patient_id'"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' AND (a.attname IS NOT NULL"
            " OR c.relname ~ '^(patients|careteam|journal|documents|dossier|followup)_')"
        )
        found = dict(cursor.fetchall())
    assert {"patients_patient", "followup_memoversion", "documents_file"} <= found.keys()
    assert {table for table, deletes in found.items() if deletes} == DELETED


def test_no_template_holds_inline_script_style_or_handler():
    bad = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", re.I)
    found = {path.name: bad.findall(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {name: hits for name, hits in found.items() if hits} == {}


def _named_templates() -> set[str]:
    """Templates named by Python code or by another template."""
    named = set()
    for path in [*ROOT.glob("ronde/**/*.py"), *ROOT.glob("config/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
    env = environment()
    for path in TEMPLATES:
        tree = env.parse(path.read_text(encoding="utf-8"))
        for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            named |= {one.value for one in node.find_all(nodes.Const)}
    return named


def test_every_template_is_used():
    named = _named_templates()
    unused = []
    for path in TEMPLATES:
        name = path.relative_to(next(p for p in path.parents if p.name == "templates")).as_posix()
        if name not in named and not name.startswith(("account/", "core/components/")):
            unused.append(name)
    assert unused == []


def test_the_access_rule_is_stated_once():
    """`habilitated` is decided in SQL by one view; nothing else may filter readers by it."""
    rule = re.compile(r"habilitated\s+AND|AND\s+(NOT\s+)?m?\.?habilitated", re.I)
    files = [p for p in ROOT.glob("ronde/**/sql/*.sql") if rule.search(p.read_text("utf-8"))]
    assert [path.name for path in files] == ["rule.sql"]


# What writes a file that a spreadsheet opens, and the test that no cell of it is a formula.
SPREADSHEETS = {
    "ronde/worklist/export.py": "test_a_formula_typed_as_a_town_stays_text",
    "ronde/console/matrix_views.py": (
        "test_a_nomenclature_that_would_be_a_formula_stays_text_in_the_export"
    ),
}


def test_every_export_that_a_spreadsheet_opens_is_tested_against_formulas():
    writes = re.compile(r"csv\.(writer|DictWriter)|xlsxwriter\.Workbook|openpyxl|text/csv")
    found = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("ronde/**/*.py")
        if writes.search(path.read_text(encoding="utf-8"))
    }
    # The kinds of documents name what a user may deposit: given back as it came, with a warning.
    assert found - {"ronde/documents/kinds.py"} == SPREADSHEETS.keys()
    tests = "".join(one.read_text(encoding="utf-8") for one in ROOT.glob("tests/*/test_*.py"))
    for name in SPREADSHEETS.values():
        assert f"def {name}(" in tests
