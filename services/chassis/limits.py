"""How often one address may sign up or sign in, counted in each web process's own memory.

Not in Redis: a sign-up must go on when the broker is away.
"""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from services.chassis.running import runtime

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")


def sign_ups_unlimited() -> bool:
    """Whether sign-ups are not counted; guessing at passwords is limited all the same."""
    return runtime().settings.sign_up_limit == "off"


def sign_up_limit() -> str:
    """The limit in force, as Flask-Limiter writes limits."""
    return "1 per second" if sign_ups_unlimited() else runtime().settings.sign_up_limit
