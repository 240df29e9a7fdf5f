"""Papers that fail when they lag behind the code."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READ = re.compile(
    r"env\.(?:text|flag|number|words|keys)\(\s*\"([A-Z0-9_]+)\"|os\.environ(?:\.get)?[(\[]\"([A-Z_]+)\""
)


def test_every_setting_of_the_environment_is_documented_and_none_other():
    read = {
        name
        for pattern in ("config/**/*.py", "ronde/**/*.py", "manage.py", "tests/e2e/*.py")
        for path in ROOT.glob(pattern)
        for pair in READ.findall(path.read_text(encoding="utf-8"))
        for name in pair
        if name
    }
    page = (ROOT / "docs/env.md").read_text(encoding="utf-8")
    documented = {
        name for line in page.splitlines() if line.startswith("| `")
        for name in re.findall(r"`([A-Z0-9_]{4,})`", line.split("|")[1])
    }  # fmt: skip
    assert documented == read - {"DJANGO_SETTINGS_MODULE"}


def test_every_app_has_its_line_in_the_architecture_of_floors():
    floors = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for path in ROOT.glob("ronde/*/apps.py"):
        assert re.search(rf"\b{path.parent.name}\b", floors), path.parent.name


def test_the_decisions_are_numbered_without_a_hole():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_locks_carry_no_address():
    locks = [*ROOT.glob("requirements/*.txt"), ROOT / "package-lock.json"]
    named = re.compile(r"^\s*(--(extra-)?index-url|\"resolved\":)", re.M)
    assert [path.name for path in locks if named.search(path.read_text(encoding="utf-8"))] == []


def test_the_table_of_security_tests_says_what_the_suite_holds():
    """docs/asvs.md names tests that exist, and every test that bears a line of ASVS."""
    table = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", table))
    found = {
        name
        for path in ROOT.glob("tests/**/test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
    }
    assert named <= found
    assert {name for name in found if re.match(r"test_v\d+_\d+_\d+_", name)} <= named
    for lines, names in re.findall(r"^\| ([\d., ]+) \|.*\|(.*)\|$", table, re.M):
        starts = tuple(f"test_v{one.strip().replace('.', '_')}_" for one in lines.split(","))
        for name in re.findall(r"`(test_\w+)`", names):
            assert name.startswith(starts), f"{name} does not bear its line ({lines})"
