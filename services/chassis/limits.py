"""How often one network address, and one e-mail address, may sign up.

Counted in each web process's own memory, not in Redis: a sign-up must go on when the broker is
away. Two processes let up to twice as many pass.
"""

from functools import cache

from flask import request
from limits import parse_many
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from services.chassis.moving_window import MovingWindow
from services.chassis.running import runtime

OFF = "off"
lately = MovingWindowRateLimiter(MovingWindow())
_parsed = cache(parse_many)


class TooManyForAddress(TooManyRequests):
    """More sign-ups with one e-mail address than anybody makes for themselves."""


def sign_ups_unlimited() -> bool:
    """Whether sign-ups are not counted; guessing at passwords is limited all the same."""
    return runtime().settings.sign_up_limit == OFF


def count_try() -> None:
    """Count an attempt to sign up from this network address, in vain or not; TooManyRequests."""
    if not _is_within(runtime().settings.sign_up_limit, "network", request.remote_addr or ""):
        raise TooManyRequests


def count_sign_up(email: str) -> None:
    """Count a sign-up with this e-mail address, known or not; TooManyForAddress.

    Each sends a mail there, so that whoever types another's address could fill their mailbox.
    """
    limit = runtime().settings.address_limit
    if not sign_ups_unlimited() and not _is_within(limit, "address", email.casefold()):
        raise TooManyForAddress


def _is_within(limit: str, *key: str) -> bool:
    """Count it under this key; whether that was allowed by each of the limits."""
    return limit == OFF or all(lately.hit(each, *key) for each in _parsed(limit))
