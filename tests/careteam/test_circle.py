"""What the circle shows, and to whom it offers what."""

import pytest

from ronde.careteam.models import MemberKind
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_the_page_groups_members_and_counts_those_with_access(desk, coordinator, record):
    f.member(coordinator, record, f.person("LEBLANC", "Marc").party, habilitated=True)
    f.member(coordinator, record, f.structure("SSIAD Les Pins").party)
    html = desk.read("circle")
    assert "Professionnels" in html
    assert "Structures" in html
    assert "Entourage" not in html
    assert '<b class="fort">3</b> membres, dont <b class="fort">2</b> avec accès' in html
