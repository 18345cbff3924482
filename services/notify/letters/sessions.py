"""A session in a reader's words: its title, when, where, what it costs and what to bring."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.chassis.i18n import say
from services.documents.dates import Day, day_text, moment_text, schedule_text, zone_name
from services.documents.money import dollars_text
from services.notify.letters.media import is_web_address
from services.notify.plain_text import lines_of

_ONLY_IN_THE_OTHER = {"en": " (in French only)", "fr": " (en anglais seulement)"}


def session_words(session: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What templates say of a session, under the names that they use."""
    days = session_days(session)
    join = session["join_link"].strip()
    return place_words(session, language) | {
        "title": say(session["title"], language)[0],
        "title_note": _note(session["title"], language),
        "first_day": day_text(min(days).date, language),
        "given_in": session["language"],
        "room": session["room"],
        "bring": long_text(session["bring"], language),
        "prerequisites": long_text(session["prerequisites"], language),
        "join_address": join if is_web_address(join) else "",
        "join_words": "" if is_web_address(join) else lines_of(join),
    }


def place_words(where: Mapping[str, Any], language: str) -> dict[str, Any]:
    """When and where, of a session or of what it was before."""
    place = [where["place"], where["room"]]
    return {
        "when": when(where, language),
        "online": where["online"],
        "place": ", ".join(each for each in place if each),
    }


def session_days(where: Mapping[str, Any]) -> tuple[Day, ...]:
    """The days as documents know them."""
    return tuple(Day(**day) for day in where["days"])


def when(where: Mapping[str, Any], language: str) -> list[str]:
    """One line where the hours are the same each day, else a line a day, with the zone's name."""
    days = session_days(where)
    zone = f" ({zone_name(where['zone'], language)})" if any(day.starts for day in days) else ""
    return [f"{line}{zone}" for line in schedule_text(days, language)]


def deadline(moment: datetime, zone: str, language: str) -> str:
    """A moment spelled out where the session is, with the zone's name."""
    return f"{moment_text(moment, zone, language)} ({zone_name(zone, language)})"


def fee_text(cents: int, language: str) -> str:
    """An amount in dollars; empty when there is nothing to pay."""
    return dollars_text(cents, language) if cents else ""


def long_text(words: dict[str, str], language: str) -> list[str]:
    """A text in the reader's language, or in the other one and then marked so, line by line."""
    lines = lines_of(say(words, language)[0])
    if lines and (note := _note(words, language)):
        lines[-1] += note
    return lines


def _note(words: dict[str, str], language: str) -> str:
    found = say(words, language)
    return _ONLY_IN_THE_OTHER[language] if found[0] and found[1] != language else ""
