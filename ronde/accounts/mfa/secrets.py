"""What must not be readable by whoever reads the database: encrypted, with keys kept elsewhere."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _keys() -> list[bytes]:
    """The keys of the installation; without any (development, tests), one drawn from SECRET_KEY."""
    if settings.ACCOUNT_ENCRYPTION_KEYS:
        return [key.encode() for key in settings.ACCOUNT_ENCRYPTION_KEYS]
    drawn = hashlib.sha256(f"ronde.accounts.mfa:{settings.SECRET_KEY}".encode()).digest()
    return [base64.urlsafe_b64encode(drawn)]


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys()])


def encrypt(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Read with any of the keys; raises `InvalidToken` when none fits."""
    return _box().decrypt(token.encode()).decode()
