"""What tells a sign-up form that a person filled in from one that a program did; no puzzle.

A field that nobody sees stays empty, and nobody fills the form in within two seconds. Whoever is
taken for a program is told so on the form, which keeps what was typed: nothing is dropped unsaid.
"""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer

from services.chassis.config import Settings
from services.chassis.forms import Form
from services.chassis.keys import FORMS, keys_for

QUICKEST = timedelta(seconds=2)
TRAP, OPENED = "homepage", "opened"


def stamped(form: Form, settings: Settings, now: datetime) -> Form:
    """The form with the moment at which it was first shown, signed, and an empty trap."""
    if _opened_at(form.values.get(OPENED, ""), settings) is None:
        form.values[OPENED] = _signer(settings).dumps(now.timestamp())
    form.values.pop(TRAP, None)
    return form


def is_by_a_person(data: dict[str, Any], form: Form, settings: Settings, now: datetime) -> bool:
    """Look at the two fields; with False the form has the reason."""
    opened = _opened_at(data[OPENED], settings)
    if data[TRAP]:
        unseen = _("A field that nobody sees was filled in. Please send the form again.")
        form.refuse("_form", unseen)
    elif opened is None:
        form.refuse("_form", _("The form was incomplete. Please send it again."))
    elif now.timestamp() - opened < QUICKEST.total_seconds():
        form.refuse("_form", _("That was quick. Please look it over, and send it again."))
    return not form.errors


def _opened_at(stamp: str, settings: Settings) -> float | None:
    try:
        return float(_signer(settings).loads(stamp))
    except BadData:
        return None


def _signer(settings: Settings) -> URLSafeSerializer:
    oldest_first = [key.value for key in reversed(keys_for(settings, FORMS))]
    return URLSafeSerializer(oldest_first, salt="turnout.sign-up")
