"""Knowing an address again without keeping it: a hash with a salt of its own."""

import hashlib
import hmac
import secrets
import unicodedata

PREFIX = "sha256:"


def salted(address: str) -> str:
    """What is kept of an address; a different text each time."""
    salt = secrets.token_hex(16)
    return f"{PREFIX}{salt}:{_hash(salt, address)}"


def is_of(kept: str, address: str) -> bool:
    """Whether this was kept of this address, without regard to case."""
    salt, _, digest = kept.removeprefix(PREFIX).partition(":")
    return hmac.compare_digest(digest, _hash(salt, address))


def _hash(salt: str, address: str) -> str:
    plain = unicodedata.normalize("NFC", address).strip().casefold()
    return hashlib.sha256(f"{salt}:{plain}".encode()).hexdigest()
