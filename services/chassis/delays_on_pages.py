"""What pages say of news that is late: to members where it matters to them, to staff on each."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from services.chassis.neighbours import (
    LATE,
    SILENT,
    UNHEARD,
    Delay,
    delays,
    delays_with,
    silent_since,
)
from services.chassis.running import runtime
from services.chassis.wall_clock import by_the_clock

_PARTS: dict[str, LazyString] = {
    "catalog": lazy_gettext("Calendar"),
    "registration": lazy_gettext("Registration"),
    "notify": lazy_gettext("Mail"),
}


def set_up_delays(app: Flask) -> None:
    """Give templates what is late; it is asked for only where it is shown."""
    app.context_processor(_for_templates)


def _for_templates() -> dict[str, Callable[..., object]]:
    return {"silent_moment": _silent_moment, "is_delayed": _is_delayed, "delays": _delays}


def _silent_moment(service: str) -> str:
    """Until when what another service tells has arrived; empty while it is heard."""
    with runtime().database.reading() as db:
        since = silent_since(db, service, datetime.now(UTC))
    return _moment(since) if since else ""


def _is_delayed(service: str) -> bool:
    """Whether what another service does for us comes late at present."""
    with runtime().database.reading() as db:
        return any(delays_with(db, service, datetime.now(UTC)))


def _delays() -> list[str]:
    """All that is behind, for staff."""
    with runtime().database.reading() as db:
        found = delays(db, runtime().service.name, datetime.now(UTC))
    return [_words(each) for each in found]


def _words(delay: Delay) -> str:
    part, since = _PARTS[delay.service], _moment(delay.since) if delay.since else ""
    words = {
        SILENT: _("%(part)s: nothing heard since %(moment)s.", part=part, moment=since),
        UNHEARD: _(
            "%(part)s: what happened here since %(moment)s has not arrived there.",
            part=part,
            moment=since,
        ),
        LATE: _("%(part)s: its own work is late.", part=part),
    }
    text: str = words[delay.kind]
    return text


def _moment(moment: datetime) -> str:
    return by_the_clock(moment, "d MMMM, HH:mm")
