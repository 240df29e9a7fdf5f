"""The same documents in a bucket: a real server that speaks S3."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from moto.server import ThreadedMotoServer

from config import storage as configured
from ronde.documents import actions, jobs
from tests import factories as f
from tests.documents.conftest import Desk

pytestmark = pytest.mark.django_db
BUCKET = "ronde-documents"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    one = ThreadedMotoServer("127.0.0.1", port=0)
    one.start()
    host, port = one.get_host_and_port()
    yield f"http://{host}:{port}"
    one.stop()


@pytest.fixture
def bucket(server, monkeypatch, settings) -> Iterator[object]:
    """The storage of documents as production configures it, from the environment."""
    for name, value in {
        "BUCKET": BUCKET,
        "ENDPOINT": server,
        "REGION": "eu-west-3",
        "ACCESS_KEY": "invented",
        "SECRET_KEY": "invented",
    }.items():
        monkeypatch.setenv(f"DOCUMENT_S3_{name}", value)
    client = boto3.client(
        "s3",
        endpoint_url=server,
        region_name="eu-west-3",
        aws_access_key_id="invented",
        aws_secret_access_key="invented",
    )
    place = {"LocationConstraint": "eu-west-3"}
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    settings.STORAGES = {**settings.STORAGES, "documents": configured.document_storage()}
    yield client
    for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=one["Key"])
    client.delete_bucket(Bucket=BUCKET)
    client.close()


def keys(client) -> list[str]:
    return [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_a_document_goes_to_the_bucket_encrypted_and_comes_back(
    bucket, account, coordinator, record
):
    content = b"Jeanne Marchetti, insuffisance cardiaque. " * 100_000
    document = f.document(coordinator, record, content=content, name="note.txt")
    (key,) = keys(bucket)
    kept = bucket.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    assert b"Jeanne" not in kept
    answer = Desk(account, record).get("download", document.pk)
    assert b"".join(answer.streaming_content) == content


def test_a_failure_leaves_nothing_in_the_bucket(bucket, coordinator, record, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(RuntimeError):
        f.document(coordinator, record)
    assert keys(bucket) == []


def test_left_overs_are_removed_from_the_bucket(bucket, coordinator, record):
    document = f.document(coordinator, record)
    known = keys(bucket)
    storages["documents"].save("2026-01/abandoned", ContentFile(b"x"))
    assert jobs.remove_left_overs(timezone.now() + timedelta(seconds=5)) == 1
    assert keys(bucket) == known
    assert document.pk
