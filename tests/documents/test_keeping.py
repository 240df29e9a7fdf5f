"""Kept encrypted, opened by the right key alone, and nothing left by what failed."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ronde.core.db.roles import as_owner
from ronde.documents import actions, jobs, sealing, store
from ronde.documents.models import Document, File
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.documents.conftest import deposit, places

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def sealed(content: bytes, label: bytes = b"x") -> tuple[sealing.Sealed, bytes]:
    out = io.BytesIO()
    return sealing.seal(io.BytesIO(content), out, label), out.getvalue()


def opened(kept: sealing.Sealed, content: bytes, label: bytes = b"x") -> bytes:
    pieces = sealing.unseal(io.BytesIO(content), kept.key_id, kept.sealed_key, label)
    return b"".join(pieces)


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 300_000])
def test_what_is_sealed_opens_again(size):
    content = b"\x07" * size
    kept, hidden = sealed(content)
    assert opened(kept, hidden) == content
    assert kept.size == size
    assert size < 50 or content[:50] not in hidden


@given(st.integers(0, 140_000), st.integers(1, 255))
def test_one_changed_byte_and_it_does_not_open(place, change):
    kept, hidden = sealed(b"a" * 140_000)
    spoiled = bytearray(hidden)
    spoiled[place] ^= change
    with pytest.raises(sealing.UnreadableError):
        opened(kept, bytes(spoiled))


@pytest.mark.parametrize("cut", [slice(0, 65_552), slice(65_552, None), slice(0, -1)])
def test_a_chunk_less_and_it_does_not_open(cut):
    kept, hidden = sealed(b"a" * 140_000)
    with pytest.raises(sealing.UnreadableError):
        opened(kept, hidden[cut])


def test_the_content_of_one_file_does_not_open_in_the_place_of_another():
    kept, hidden = sealed(b"lettre", b"one")
    with pytest.raises(sealing.UnreadableError):
        opened(kept, hidden, b"other")


def test_without_a_key_nothing_is_kept(settings):
    settings.DOCUMENT_KEYS = {}
    with pytest.raises(ImproperlyConfigured):
        sealed(b"lettre")


def test_a_key_that_was_taken_away_opens_nothing(settings):
    settings.DOCUMENT_KEYS = {"old": OLD}
    kept, hidden = sealed(b"lettre")
    settings.DOCUMENT_KEYS = {"new": NEW}
    with pytest.raises(sealing.UnreadableError):
        opened(kept, hidden)
    settings.DOCUMENT_KEYS = {"old": NEW}
    with pytest.raises(sealing.UnreadableError):
        opened(kept, hidden)


@pytest.mark.django_db
def test_the_storage_holds_nothing_readable_and_no_name(coordinator, record, cupboard):
    content = b"Jeanne Marchetti, insuffisance cardiaque. " * 50
    document = deposit(coordinator, record, content=content, name="Jeanne Marchetti.txt")
    (place,) = places(cupboard)
    with cupboard.open(place) as kept:
        hidden = kept.read()
    assert b"Jeanne" not in hidden
    assert "jeanne" not in place.lower()
    with as_owner():
        file = File.objects.get(document=document)
    assert b"".join(store.content(file.place, file.key_id, file.sealed_key, file.pk)) == content


@pytest.mark.django_db
def test_a_key_is_changed_without_touching_the_files(settings, coordinator, record, cupboard):
    settings.DOCUMENT_KEYS = {"old": OLD}
    deposit(coordinator, record)
    (place,) = places(cupboard)
    with cupboard.open(place) as kept:
        before = kept.read()
    settings.DOCUMENT_KEYS = {"new": NEW, "old": OLD}
    with as_owner():
        file = File.objects.get()
    former = b"".join(store.content(file.place, file.key_id, file.sealed_key, file.pk))
    assert (file.key_id, former) == ("old", f.one_page())
    with as_owner():
        call_command("rotate_document_keys", verbosity=0)
        file = File.objects.get()
    assert file.key_id == "new"
    settings.DOCUMENT_KEYS = {"new": NEW}
    content = b"".join(store.content(file.place, file.key_id, file.sealed_key, file.pk))
    assert content == f.one_page()
    with cupboard.open(place) as kept:
        assert kept.read() == before


@pytest.mark.django_db
def test_a_failure_while_the_rows_are_written_leaves_nothing(
    monkeypatch, coordinator, record, cupboard
):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(RuntimeError):
        deposit(coordinator, record)
    assert places(cupboard) == []
    with as_owner():
        assert not Document.objects.exists()
        assert not JournalEntry.objects.filter(event="DocumentAdded").exists()


@pytest.mark.django_db
def test_a_storage_that_fails_leaves_nothing(monkeypatch, coordinator, record, cupboard):
    def fail(*args: object, **kwargs: object) -> None:
        message = "No space left on device"
        raise OSError(message)

    monkeypatch.setattr(cupboard, "_save", fail)
    with pytest.raises(OSError, match="No space"):
        deposit(coordinator, record)
    with as_owner():
        assert not Document.objects.exists()


@pytest.mark.django_db
def test_a_refused_file_leaves_nothing(coordinator, record, cupboard):
    with pytest.raises(ValidationError):
        deposit(coordinator, record, content=b"<svg/>", name="x.svg")
    assert places(cupboard) == []
    with as_owner():
        assert not Document.objects.exists()


@pytest.mark.django_db
def test_what_no_row_knows_is_removed_the_next_night_and_nothing_else(
    coordinator, record, cupboard
):
    deposit(coordinator, record)
    (known,) = places(cupboard)
    store.keep(io.BytesIO(b"left over"), uuid4())
    assert jobs.remove_left_overs(timezone.now() - timedelta(hours=1)) == 0
    assert jobs.remove_left_overs(timezone.now() + timedelta(seconds=1)) == 1
    assert places(cupboard) == [known]


@pytest.mark.django_db
def test_a_sending_that_arrives_twice_at_once_is_kept_once(
    monkeypatch, coordinator, record, cupboard
):
    """The second does not see the first, and meets its row when it writes its own."""
    first = deposit(coordinator, record, sending=uuid4())
    answers = iter([None, first])
    monkeypatch.setattr(actions, "_arrived", lambda *args: next(answers))
    assert deposit(coordinator, record, sending=first.sending) == first
    assert len(places(cupboard)) == 1
