"""What the templates of mail are given: an event's data in the words of its reader."""

from collections.abc import Callable, Mapping
from typing import Any

from services.chassis.config import Settings
from services.chassis.i18n import say
from services.chassis.links import Links
from services.chassis.wall_clock import STAFF_ZONE
from services.documents.dates import moment_text
from services.documents.group_text import Piece, blocks_of, filled, merge_values
from services.notify.kinds import (
    DIGEST,
    GROUP_MESSAGE,
    LINK_TO_DATA,
    LINK_TO_PASSWORD,
    NOTICE_CANCELLED,
    NOTICE_CHANGED,
    OFFER_ENDING,
    OFFERED,
    ROSTER,
)
from services.notify.letters.digest import digest_words
from services.notify.letters.sessions import deadline, fee_text, place_words, session_words
from services.notify.plain_text import lines_of

Facts = Mapping[str, Any]


def letter_context(kind: str, facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    """All that the template of this kind may say."""
    context = {
        "kind": kind,
        "language": language,
        "name": facts["recipient"]["name"],
        "site": settings.base_url,
        **_session(facts, language, settings),
    }
    people = _PEOPLE.get(kind, _registration)
    return context | people(facts, language, settings) | _own(kind, facts, language, settings)


def _session(facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    """The session that a mail is about; an announcement is about none, a digest about many."""
    session = facts.get("session")
    if session is None:
        return {}
    address = f"{settings.base_url}/sessions/{session['session_id']}"
    return {"session_address": address, **session_words(session, language)}


def _registration(facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    """The join link is for the confirmed alone, whatever the event brought along."""
    link = Links(settings).manage(facts["registration_id"], facts["link_version"])
    hidden = {} if facts["status"] == "confirmed" else {"join_address": "", "join_words": []}
    return hidden | {
        "link": link,
        "status": facts["status"],
        "fee": fee_text(facts["fee_cents"], language),
    }


def _roster(facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    return {
        "as_of": _as_of(facts, language),
        "link": Links(settings).roster(facts["link_token"]),
        "status": "",  # It is no place of the reader's own.
        "confirmed": len(facts["lines"]),
        "capacity": facts["capacity"],
        "with_needs": str(facts["with_needs"] or ""),
        "occasion": facts["occasion"],
        "attached": facts.get("attached", True),
    }


def _group(facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    """What staff wrote, its fields filled in for this reader."""
    link = _group_link(facts, settings)
    values = merge_values(
        facts["session"],
        name=facts["recipient"]["name"],
        local=facts["organisation"],
        language=language,
    )
    text = say(facts["body"], language)[0]
    return {
        "subject": filled(say(facts["subject"], language)[0], values),
        "blocks": blocks_of(text, values, page=Piece(link, link)),
        "author": facts["author"],
        "stream": facts["stream"],
        "unsubscribe": _unsubscribe_link(facts, settings),
        "is_test": facts["is_test"],
        "about_session": facts["session"] is not None,
        "link": link,
    }


def _unsubscribe_link(facts: Facts, settings: Settings) -> str:
    """Where the reader of this very mail ends all announcements; a sample leads to the site."""
    mail_id = facts.get("mail_id")
    return Links(settings).unsubscribe(mail_id) if mail_id else settings.base_url


def _group_link(facts: Facts, settings: Settings) -> str:
    """The reader's own page; a test shows everybody's page instead of somebody's own."""
    if facts["registration_id"]:
        return Links(settings).manage(facts["registration_id"], facts["link_version"])
    session = facts["session"]
    return f"{settings.base_url}/sessions/{session['session_id']}" if session else settings.base_url


def _own(kind: str, facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    """What this kind of mail alone has to say."""
    own = _OWN.get(kind)
    return own(facts, language, settings) if own else {}


def _place(facts: Facts, language: str, _settings: Settings) -> dict[str, Any]:
    """A place in line is theirs for the moment; a mail that comes late says of which moment."""
    return {
        "place_in_line": facts["place"],
        "auto_confirm": facts.get("auto_confirm", False),
        "as_of": _as_of(facts, language),
    }


def _as_of(facts: Facts, language: str) -> str:
    """The moment that a mail speaks of, where that is no longer the present."""
    as_of, zone = facts["as_of"], facts["session"]["zone"]
    return moment_text(as_of, zone, language) if as_of else ""


def _until(facts: Facts, language: str, _settings: Settings) -> dict[str, Any]:
    until, zone = facts["until"], facts["session"]["zone"]
    return {
        "until": deadline(until, zone, language),
        "until_briefly": moment_text(until, zone, language),
    }


def _ended(facts: Facts, _language: str, _settings: Settings) -> dict[str, Any]:
    return {"by": facts["by"], "message": lines_of(facts["message"])}


def _moved(facts: Facts, language: str, _settings: Settings) -> dict[str, Any]:
    before = session_words(facts["previous_session"], language)
    return {"before": before, "message": lines_of(facts["message"])}


def _closed(facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    return {"next_sessions": [_later(each, language, settings) for each in facts["next_sessions"]]}


def _later(session: Facts, language: str, settings: Settings) -> dict[str, Any]:
    return place_words(session, language) | {
        "title": say(session["title"], language)[0],
        "address": f"{settings.base_url}/sessions/{session['session_id']}",
    }


def _notice(facts: Facts, language: str, _settings: Settings) -> dict[str, Any]:
    old, new = facts["before"], facts["session"]
    return {
        "before": place_words(old, language),
        "message": lines_of(facts["message"]),
        "dates_changed": [day["date"] for day in old["days"]]
        != [day["date"] for day in new["days"]],
        "when_changed": (old["days"], old["zone"]) != (new["days"], new["zone"]),
        "where_changed": any(old[name] != new[name] for name in ("online", "place", "room")),
    }


def _data(facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    return {
        "request": facts["request"],
        "link": Links(settings).data(facts["request_id"]),
        "expires": moment_text(facts["expires_at"], STAFF_ZONE, language),
    }


def _password(facts: Facts, language: str, settings: Settings) -> dict[str, Any]:
    until = facts["expires_at"]
    return {
        "link": Links(settings).new_password(facts["staff_id"], facts["sign_in_epoch"], until),
        "expires": moment_text(until, STAFF_ZONE, language),
    }


_PEOPLE = {
    ROSTER: _roster,
    GROUP_MESSAGE: _group,
    DIGEST: digest_words,
    LINK_TO_DATA: _data,
    LINK_TO_PASSWORD: _password,
}
_OWN: dict[str, Callable[[Facts, str, Settings], dict[str, Any]]] = {
    "waitlisted": _place,
    "repeated": _place,
    OFFERED: _until,
    OFFER_ENDING: _until,
    "cancelled": _ended,
    "moved": _moved,
    "closed": _closed,
    NOTICE_CHANGED: _notice,
    NOTICE_CANCELLED: _notice,
}
