"""A sample of each kind of mail in each language, made of examples and of nobody's data.

The gallery shows them to staff, and the tests of mail read them: a kind without a sample fails.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.contracts import Contract
from services.contracts.people import LINK_ASKED
from services.contracts.registrations import (
    DIGEST_DUE,
    MESSAGE_REQUESTED,
    OFFER_EXPIRING,
    REGISTRATION_CANCELLED,
    REGISTRATION_CLOSED,
    REGISTRATION_CONFIRMED,
    REGISTRATION_DECLINED,
    REGISTRATION_LAPSED,
    REGISTRATION_MOVED,
    REGISTRATION_OFFERED,
    REGISTRATION_REPEATED,
    REGISTRATION_WAITLISTED,
    REMINDER_DUE,
    ROSTER_DUE,
    SESSION_NOTICE,
)
from services.contracts.staff import PASSWORD_LINK_ASKED
from services.notify.kinds import (
    DIGEST,
    GROUP_MESSAGE,
    LINK_TO_DATA,
    LINK_TO_PASSWORD,
    NOTICE_CANCELLED,
    NOTICE_CHANGED,
    OFFER_ENDING,
    OFFERED,
    REMINDER,
    REPEATED,
    ROSTER,
)

Data = dict[str, Any]
Sample = tuple[Contract, Data]

SAMPLE_TIME = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)
"""When all samples happen."""

_UNTIL = datetime(2026, 2, 12, 22, 0, tzinfo=UTC)
_PLACES = {
    "en": ("Lakeside Community Hall, Thunder Bay", "Room 2", "Union Hall, Kenora"),
    "fr": ("Centre communautaire du Lac, Sudbury", "Salle 2", "Salle syndicale, Hearst"),
}
_NAMES = {"en": "Robin Example", "fr": "Camille Exemple"}
_OTHER_NAMES = {"en": "Zoë Example", "fr": "Zoë Exemple"}
_LOCALS = {"en": "Local 1204, Northern Hospital Workers", "fr": "Section locale 1204"}
_ROLES = {"en": "Chief steward", "fr": "Personne déléguée en chef"}
_WORDS = {"en": "Too few people signed up.", "fr": "Trop peu de gens se sont inscrits."}


def sample(kind: str, language: str) -> Sample:
    """The event behind a mail of this kind to a reader of this language; KeyError if there is none.

    Its data are in Python values, as its contract loads them.
    """
    return _SAMPLES[kind](language)


def sample_session(language: str, /, **but: Any) -> Data:
    """A workshop of two days in a hall, whose own texts are in both languages."""
    place, room, _other = _PLACES[language]
    session = {
        "session_id": UUID("018f0000-0000-7000-8000-000000000001"),
        "title": {"en": "Steward training, part 1", "fr": "Formation syndicale, 1re partie"},
        "language": language,
        "days": _days(date(2026, 2, 28)),
        "zone": "America/Toronto",
        "online": False,
        "place": place,
        "room": room,
        "join_link": "",
        "bring": {
            "en": "- your collective agreement\n- a pen",
            "fr": "- votre convention collective\n- un stylo",
        },
        "prerequisites": {"en": "", "fr": ""},
        "calendar_sequence": 0,
    }
    return session | but


def sample_contact(language: str, /, **but: Any) -> Data:
    """Somebody to write to who does not exist."""
    address = f"{_NAMES[language].split()[0].lower()}@example.org"
    return {"name": _NAMES[language], "email": address, "language": language} | but


def _days(first: date, starts: time | None = time(9), ends: time | None = time(16)) -> list[Data]:
    both = (first, first + timedelta(days=1))
    return [{"date": day, "starts": starts, "ends": ends} for day in both]


def _about(language: str, status: str, **but: Any) -> Data:
    registration = {
        "registration_id": UUID("018f0000-0000-7000-8000-00000000000a"),
        "link_version": 1,
        "recipient": sample_contact(language),
        "session": sample_session(language),
        "fee_cents": 2000,
        "status": status,
    }
    return registration | but


def _of(contract: Contract, status: str, **more: Any) -> Callable[[str], Sample]:
    return lambda language: (contract, _about(language, status, **more))


def _cancelled(language: str) -> Sample:
    message = _WORDS[language]
    return REGISTRATION_CANCELLED, _about(language, "cancelled", by="staff", message=message)


def _moved(language: str) -> Sample:
    return REGISTRATION_MOVED, _about(
        language,
        "confirmed",
        registration_id=UUID("018f0000-0000-7000-8000-00000000000b"),
        previous_registration_id=UUID("018f0000-0000-7000-8000-00000000000a"),
        previous_session=sample_session(language, days=_days(date(2026, 2, 21))),
        message=_WORDS[language],
    )


def _closed(language: str) -> Sample:
    session = sample_session(language)
    later = _where(session) | {
        "session_id": UUID("018f0000-0000-7000-8000-000000000002"),
        "title": session["title"],
        "days": _days(date(2026, 4, 11), None, None),
    }
    return REGISTRATION_CLOSED, _about(language, "closed", next_sessions=[later])


def _reminder(language: str) -> Sample:
    online = {"online": True, "place": "", "room": ""}
    session = sample_session(language, join_link="https://meet.example.org/a_b-c", **online)
    return REMINDER_DUE, _about(language, "confirmed", session=session)


def _changed(language: str) -> Sample:
    before = sample_session(language)
    now = {"days": _days(date(2026, 3, 7)), "place": _PLACES[language][2], "room": ""}
    session = sample_session(language, calendar_sequence=1, **now)
    return SESSION_NOTICE, _notice(language, "confirmed", session, before, change="changed")


def _called_off(language: str) -> Sample:
    session = sample_session(language)
    return SESSION_NOTICE, _notice(language, "cancelled", session, session, change="cancelled")


def _notice(language: str, status: str, session: Data, before: Data, *, change: str) -> Data:
    told = {"before": _where(before), "message": "" if change == "changed" else _WORDS[language]}
    return _about(language, status, session=session, change=change, **told)


def _where(session: Data) -> Data:
    return {name: session[name] for name in ("days", "zone", "online", "place", "room")}


def _roster(language: str) -> Sample:
    line = {
        "name": _NAMES[language],
        "organisation": _LOCALS[language],
        "role": _ROLES[language],
        "email": sample_contact(language)["email"],
        "phone": "+14165550142",
        "note": "",
    }
    return ROSTER_DUE, {
        "recipient": sample_contact(language),
        "session": sample_session(language),
        "occasion": "three_days",
        "capacity": 24,
        "facilitators": [_NAMES[language]],
        "host": _LOCALS[language],
        "lines": [line, line | {"name": _OTHER_NAMES[language], "email": "zoe@example.org"}],
        "with_needs": 1,
        "link_token": "token-of-the-roster",
        "content_version": "v1",
    }


def _group_message(language: str) -> Sample:
    return MESSAGE_REQUESTED, {
        "group_message_id": UUID("018f0000-0000-7000-8000-0000000000aa"),
        "size": 30,
        "stream": "transactional",
        "is_test": False,
        "author": "Jo Tremblay",
        "recipient": sample_contact(language),
        "organisation": _LOCALS[language],
        "subject": {"en": "Parking at {place}", "fr": "Stationnement, {place}"},
        "body": {
            "en": "Hello {name},\n\nthe street is closed that day.\n\n"
            "- park behind the hall\n- then ring\n\nSee you soon!",
            "fr": "Bonjour {name},\n\nla rue sera fermée ce jour-là.\n\n"
            "- stationnez derrière la salle\n- sonnez ensuite\n\nÀ bientôt!",
        },
        "registration_id": UUID("018f0000-0000-7000-8000-00000000000a"),
        "link_version": 1,
        "status": "confirmed",
        "session": sample_session(language),
    }


def _digest(language: str) -> Sample:
    session = sample_session(language)
    line = {
        "session_id": session["session_id"],
        "title": session["title"],
        "first_day": date(2026, 2, 28),
        "capacity": 24,
        "confirmed": 18,
        "offered": 1,
        "waiting": 4,
        "changes": {"signed_up": 7, "offered": 1, "cancelled": 3},
    }
    other = {
        "session_id": UUID("018f0000-0000-7000-8000-000000000002"),
        "first_day": date(2026, 4, 11),
        "confirmed": 1,
        "offered": 0,
        "waiting": 0,
        "changes": {"confirmed": 1, "rescheduled": 1},
    }
    return DIGEST_DUE, {
        "staff_id": UUID("018f0000-0000-7000-8000-0000000000bb"),
        "recipient": sample_contact(language),
        "since": datetime(2026, 2, 6, 13, tzinfo=UTC),
        "until": datetime(2026, 2, 9, 13, tzinfo=UTC),
        "sessions": [line, line | other],
        "open_tasks": 2,
    }


def _link_to_data(language: str) -> Sample:
    return LINK_ASKED, {
        "request_id": UUID("018f0000-0000-7000-8000-0000000000cc"),
        "request": "erasure",
        "recipient": sample_contact(language),
        "expires_at": _UNTIL,
    }


def _link_to_password(language: str) -> Sample:
    return PASSWORD_LINK_ASKED, {
        "staff_id": UUID("018f0000-0000-7000-8000-0000000000dd"),
        "sign_in_epoch": 29_520_000,
        "recipient": sample_contact(language),
        "expires_at": _UNTIL,
    }


_SAMPLES: dict[str, Callable[[str], Sample]] = {
    "confirmed": _of(REGISTRATION_CONFIRMED, "confirmed"),
    "waitlisted": _of(REGISTRATION_WAITLISTED, "waiting", place=3, auto_confirm=False),
    OFFERED: _of(REGISTRATION_OFFERED, "offered", until=_UNTIL),
    "lapsed": _of(REGISTRATION_LAPSED, "lapsed"),
    "declined": _of(REGISTRATION_DECLINED, "declined"),
    "cancelled": _cancelled,
    "moved": _moved,
    "closed": _closed,
    OFFER_ENDING: _of(OFFER_EXPIRING, "offered", until=_UNTIL),
    REMINDER: _reminder,
    REPEATED: _of(REGISTRATION_REPEATED, "waiting", place=3),
    NOTICE_CHANGED: _changed,
    NOTICE_CANCELLED: _called_off,
    ROSTER: _roster,
    GROUP_MESSAGE: _group_message,
    DIGEST: _digest,
    LINK_TO_DATA: _link_to_data,
    LINK_TO_PASSWORD: _link_to_password,
}
