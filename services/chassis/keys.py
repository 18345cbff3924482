"""The site's keys: one for each purpose, drawn from the secret key and from the one before it.

What leaks or is guessed of one is of no use for another.
"""

from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.chassis.config import Settings

SESSIONS, LINKS, EVENTS, FORMS = "sessions", "links", "events", "forms"
SECOND_FACTORS, TRIES = "second factors", "tries to sign in"
_LENGTH = 32


@dataclass(frozen=True)
class Key:
    """A key of 32 bytes; its id may be told to anybody and says only which of several it is."""

    id: str
    value: bytes = field(repr=False)


def keys_for(settings: Settings, purpose: str) -> tuple[Key, ...]:
    """The key that signs, and after it the one that is still taken while the secret changes."""
    secrets = (settings.secret_key, settings.previous_secret_key)
    return tuple(_key(secret, purpose) for secret in secrets if secret)


@cache
def _key(secret: str, purpose: str) -> Key:
    name = _drawn(secret, f"turnout.{purpose}.id", 8).hex()
    return Key(name, _drawn(secret, f"turnout.{purpose}", _LENGTH))


def _drawn(secret: str, purpose: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose.encode()).derive(secret.encode())
