"""Where documents are kept: a folder of this machine, or a bucket that speaks S3."""

from typing import Any

from config import env


def document_storage() -> dict[str, Any]:
    """The storage named «documents»; its files are encrypted before they reach it."""
    bucket = env.text("DOCUMENT_S3_BUCKET", "")
    if not bucket:
        folder = env.text("DOCUMENT_DIR", str(env.STATE_DIR / "documents"))
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "base_url": None},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.text("DOCUMENT_S3_ENDPOINT", "") or None,
            "region_name": env.text("DOCUMENT_S3_REGION", "") or None,
            "access_key": env.text("DOCUMENT_S3_ACCESS_KEY", "") or None,
            "secret_key": env.text("DOCUMENT_S3_SECRET_KEY", "") or None,
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": False,
        },
    }
