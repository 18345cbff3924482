"""The digest in its reader's words: since when, what happened in which session, where to look."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.chassis.config import Settings
from services.chassis.i18n import say
from services.chassis.wall_clock import STAFF_ZONE
from services.documents.dates import day_text, weekday_text

_ZONE = ZoneInfo(STAFF_ZONE)
_A_WEEK = timedelta(days=6)


def digest_words(facts: Mapping[str, Any], language: str, settings: Settings) -> dict[str, Any]:
    """What the template says; the counts of `changes` are left to its own words."""
    sessions = [_session(each, language, settings) for each in facts["sessions"]]
    return {
        "since": _since(facts["since"], facts["until"], language),
        "changes": sum(sum(each["changes"].values()) for each in facts["sessions"]),
        "sessions": sessions,
        "open_tasks": facts["open_tasks"],
        "tasks": f"{settings.base_url}/staff/tasks",
        "link": f"{settings.base_url}/staff/digest",
        "staff_page": f"{settings.base_url}/staff/",
    }


def _session(line: Mapping[str, Any], language: str, settings: Settings) -> dict[str, Any]:
    return {
        **line,
        "title": say(line["title"], language)[0],
        "first_day": day_text(line["first_day"], language),
        "address": f"{settings.base_url}/staff/sessions/{line['session_id']}",
    }


def _since(since: datetime, until: datetime, language: str) -> str:
    """The day of the week, or the date where that would be in doubt."""
    day = since.astimezone(_ZONE).date()
    if until - since > _A_WEEK:
        written = day_text(day, language)
        return f"le {written}" if language == "fr" else written
    return weekday_text(day, language)
