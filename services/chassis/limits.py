"""How often one network address, and one e-mail address, may sign up.

Counted in each web process's own memory, not in Redis: a sign-up must go on when the broker is
away. Two processes let up to twice as many pass. A count that cannot be kept stops nobody; it is
logged.
"""

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse_many
from limits.errors import StorageError
from werkzeug.exceptions import TooManyRequests

from services.chassis.log import logger
from services.chassis.moving_window import MovingWindow
from services.chassis.running import runtime

log = logger(__name__)
limiter = Limiter(
    get_remote_address,
    storage_uri=f"{MovingWindow.STORAGE_SCHEME[0]}://",
    storage_options={"wrap_exceptions": True},
    strategy="moving-window",
    swallow_errors=True,
)


@limiter.request_filter
def _only_reads() -> bool:
    """What sends nothing is not counted, and not even looked at: most requests are such."""
    return request.method in ("GET", "HEAD")


class TooManyForAddress(TooManyRequests):
    """More sign-ups with one e-mail address than anybody makes for themselves."""


def sign_ups_unlimited() -> bool:
    """Whether sign-ups are not counted; guessing at passwords is limited all the same."""
    return runtime().settings.sign_up_limit == "off"


def sign_up_limit() -> str:
    """The limit in force, as Flask-Limiter writes limits."""
    return "1 per second" if sign_ups_unlimited() else runtime().settings.sign_up_limit


def count_sign_up(email: str) -> None:
    """Count a sign-up with this e-mail address, known or not; TooManyForAddress.

    Each sends a mail there, so that whoever types another's address could fill their mailbox.
    """
    limit = runtime().settings.address_limit
    if limit == "off" or sign_ups_unlimited():
        return
    try:
        counted = [limiter.limiter.hit(each, email.casefold()) for each in parse_many(limit)]
    except StorageError:
        log.exception("sign-up not counted")
        return
    if not all(counted):
        raise TooManyForAddress
