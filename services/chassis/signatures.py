"""Signatures on what programs send us: ECDSA over the moment of sending and the raw body."""

import base64
import binascii
from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

TOLERANCE_SECONDS = 600
"""How far the sender's clock and ours may be apart; an older message could be a replayed one."""


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The P-256 key in base64 of its DER form; ValueError when it is none."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except UnsupportedAlgorithm as problem:
        raise ValueError("a key of an unknown kind") from problem
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a key on the curve P-256")
    return key


def is_genuine(
    key: ec.EllipticCurvePublicKey, *, signature: str, sent_at: str, body: bytes, now: datetime
) -> bool:
    """Whether the key's owner signed this body at this moment (Unix seconds), just now.

    Both texts come from anybody, so whatever is wrong with them is a no.
    """
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
        return False
    if abs(now.timestamp() - int(sent_at)) > TOLERANCE_SECONDS:
        return False
    try:
        signed = base64.b64decode(signature, validate=True)
        key.verify(signed, sent_at.encode() + body, ec.ECDSA(SHA256()))
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
