"""Events as registration publishes them, and the data they carry."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.chassis.ids import new_id
from services.contracts import Contract, Event, to_envelope
from services.contracts.registrations import (
    MESSAGE_REQUESTED,
    REGISTRATION_CANCELLED,
    REGISTRATION_CLOSED,
    REGISTRATION_CONFIRMED,
    REGISTRATION_MOVED,
    REGISTRATION_OFFERED,
    REGISTRATION_REPEATED,
    REGISTRATION_WAITLISTED,
    ROSTER_DUE,
    SESSION_NOTICE,
)
from services.notify.kinds import KINDS
from services.notify.samples import sample

NOW = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)
UNTIL = datetime(2026, 2, 12, 22, 0, tzinfo=UTC)

Data = dict[str, Any]


def days(first: date = date(2026, 2, 28), count: int = 2, **hours: time | None) -> list[Data]:
    begins, ends = hours.get("starts", time(9)), hours.get("ends", time(16))
    each = [first + timedelta(days=number) for number in range(count)]
    return [{"date": day, "starts": begins, "ends": ends} for day in each]


def a_session(**but: Any) -> Data:
    session = {
        "session_id": UUID("018f0000-0000-7000-8000-000000000001"),
        "title": {"en": "Steward training, part 1", "fr": "Formation syndicale, 1re partie"},
        "language": "en",
        "days": days(),
        "zone": "America/Toronto",
        "online": False,
        "place": "Lakeside Community Hall, Thunder Bay",
        "room": "Room 2",
        "join_link": "",
        "bring": {
            "en": "- your collective agreement\n- a pen",
            "fr": "- votre convention collective\n- un stylo",
        },
        "prerequisites": {"en": "", "fr": ""},
        "calendar_sequence": 0,
    }
    return session | but


def where(session: Data | None = None, **but: Any) -> Data:
    names = ("days", "zone", "online", "place", "room")
    return {name: (session or a_session())[name] for name in names} | but


def a_contact(**but: Any) -> Data:
    return {"name": "Ann Lee", "email": "ann.lee@example.org", "language": "en"} | but


def about(status: str = "confirmed", **but: Any) -> Data:
    registration = {
        "registration_id": UUID("018f0000-0000-7000-8000-00000000000a"),
        "link_version": 1,
        "recipient": a_contact(),
        "session": a_session(),
        "fee_cents": 2000,
        "status": status,
    }
    return registration | but


def a_line(**but: Any) -> Data:
    line = {
        "name": "Marguerite Beaulieu",
        "organisation": "Local 1204, Northern Hospital Workers",
        "role": "Chief steward",
        "email": "marguerite@example.org",
        "phone": "+14165550142",
        "note": "",
    }
    return line | but


def a_roster(**but: Any) -> Data:
    roster = {
        "recipient": a_contact(name="Sam Whitefeather", email="sam@example.org"),
        "session": a_session(),
        "occasion": "three_days",
        "capacity": 24,
        "facilitators": ["Sam Whitefeather"],
        "host": "Local 1204",
        "lines": [a_line(), a_line(name="Zoë 😀 O’Brien", email="zoe@example.org")],
        "with_needs": 1,
        "link_token": "token-of-the-roster",
        "content_version": "v1",
    }
    return roster | but


def an_event(contract: Contract, data: Data, *, sequence: int = 1, at: datetime = NOW) -> Event:
    """An event with its data in JSON form, as it arrives."""
    subjects = ("registration_id", "group_message_id", "staff_id", "request_id")
    named = (data.get(each) for each in subjects)
    subject = next(filter(None, named), None) or data["session"]["session_id"]
    return Event(
        id=new_id(),
        type=contract.type,
        source=contract.producer,
        subject=str(subject),
        time=at,
        sequence=sequence,
        correlationid=str(new_id()),
        data=contract.dump(data),
    )


def an_envelope(contract: Contract, data: Data, **options: Any) -> Data:
    return to_envelope(an_event(contract, data, **options))


def confirmed(**but: Any) -> tuple[Contract, Data]:
    return REGISTRATION_CONFIRMED, about(**but)


def waitlisted(**but: Any) -> tuple[Contract, Data]:
    return REGISTRATION_WAITLISTED, about("waiting", **{"place": 3, "auto_confirm": False} | but)


def offered(**but: Any) -> tuple[Contract, Data]:
    return REGISTRATION_OFFERED, about("offered", **{"until": UNTIL} | but)


def cancelled(**but: Any) -> tuple[Contract, Data]:
    more = {"status": "cancelled", "by": "member", "message": ""}
    return REGISTRATION_CANCELLED, about(**more | but)


def moved(**but: Any) -> tuple[Contract, Data]:
    more = {
        "registration_id": UUID("018f0000-0000-7000-8000-00000000000b"),
        "previous_registration_id": UUID("018f0000-0000-7000-8000-00000000000a"),
        "previous_session": a_session(days=days(date(2026, 2, 21))),
        "message": "Salle 2 → salle 3.",
    }
    return REGISTRATION_MOVED, about(**more | but)


def notice(**but: Any) -> tuple[Contract, Data]:
    session = a_session(
        days=days(date(2026, 3, 7)), place="Union Hall, Kenora", room="", calendar_sequence=1
    )
    more = {"session": session, "change": "changed", "before": where(), "message": ""}
    return SESSION_NOTICE, about(**more | but)


def session_cancelled(**but: Any) -> tuple[Contract, Data]:
    more = {"change": "cancelled", "before": where(), "message": "Info: 416 555-0142"}
    return SESSION_NOTICE, about("cancelled", **more | but)


def repeated(**but: Any) -> tuple[Contract, Data]:
    return REGISTRATION_REPEATED, about(**{"status": "waiting", "place": 3} | but)


def closed(**but: Any) -> tuple[Contract, Data]:
    later = where(days=days(date(2026, 4, 11), starts=None, ends=None)) | {
        "session_id": UUID("018f0000-0000-7000-8000-000000000002"),
        "title": a_session()["title"],
    }
    return REGISTRATION_CLOSED, about("closed", **{"next_sessions": [later]} | but)


def roster(**but: Any) -> tuple[Contract, Data]:
    return ROSTER_DUE, a_roster(**but)


def group_message(**but: Any) -> tuple[Contract, Data]:
    """What staff wrote to everybody who is confirmed, for one of them."""
    written = {
        "group_message_id": UUID("018f0000-0000-7000-8000-0000000000aa"),
        "size": 30,
        "stream": "transactional",
        "is_test": False,
        "author": "Jo Tremblay",
        "recipient": a_contact(),
        "organisation": "Local 1204",
        "subject": {"en": "Parking at {place}", "fr": "Stationnement, {place}"},
        "body": {
            "en": "Hello {name},\n\n- park behind the hall\n- then ring\n\nSee you soon.",
            "fr": "Bonjour {name},\n\n- stationnez derrière la salle\n- sonnez\n\nÀ bientôt.",
        },
        "registration_id": UUID("018f0000-0000-7000-8000-00000000000a"),
        "link_version": 1,
        "status": "confirmed",
        "session": a_session(),
    }
    return MESSAGE_REQUESTED, written | but


def announcement(**but: Any) -> tuple[Contract, Data]:
    """The same to somebody who agreed to announcements, about no registration."""
    without = {"registration_id": None, "status": "", "session": None, "link_version": 0}
    more = {
        "stream": "announcement",
        "subject": {"en": "A new course for {local}", "fr": "Un nouveau cours pour {local}"},
        "body": {"en": "Hello {name}, come!", "fr": "Bonjour {name}, venez!"},
    }
    return group_message(**without | more | but)


def one_of_each_kind() -> dict[str, tuple[Contract, Data]]:
    """The product's own sample of each kind of mail, by the kind's name."""
    return {kind: sample(kind, "en") for kind in KINDS}


def in_language(sample: tuple[Contract, Data], language: str) -> tuple[Contract, Data]:
    contract, data = sample
    return contract, data | {"recipient": data["recipient"] | {"language": language}}
