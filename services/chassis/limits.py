"""How often one address may sign up, counted in each web process's own memory.

Not in Redis: a sign-up must go on when the broker is away.
"""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from services.chassis.running import runtime

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")


def sign_up_limit() -> str:
    """The limit in force, as Flask-Limiter writes limits."""
    limit = runtime().settings.sign_up_limit
    return "1 per second" if limit == "off" else limit
