"""Flags on a draft: what a person has to settle before it can be published."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from services.catalog.listing import FlagCode
from services.catalog.models import WorkshopSession

Flag: TypeAlias = Mapping[str, Any]
"""`code`, `detail` in the listing's words, and `field` where the listing contradicts staff."""

LISTING_SAYS = "listing_says"


def flag_key(flag: Flag) -> str:
    """What names a flag among those of its session."""
    return f"{flag['code']}:{flag['field']}" if flag.get("field") else str(flag["code"])


def listing_says(name: str, detail: str) -> dict[str, str]:
    """The flag for a field in which the listing changed, and staff had changed it too."""
    return {"code": LISTING_SAYS, "detail": detail, "field": name}


def merged_flags(
    present: Sequence[Flag], old: Sequence[Flag], new: Sequence[Flag]
) -> list[dict[str, Any]]:
    """The flags after an import: what the listing no longer gives cause for goes, news come.

    A flag that was in the last import already is not raised again: if it is gone, it was settled.
    """
    before = {_identity(flag) for flag in old}
    now = {_identity(flag) for flag in new}
    kept = [dict(flag) for flag in present if _identity(flag) not in before - now]
    known = {_identity(flag) for flag in kept} | before
    return [*kept, *(dict(flag) for flag in new if _identity(flag) not in known)]


def with_flag(flags: Sequence[Flag], flag: Flag) -> list[dict[str, Any]]:
    """The flags with one more; it takes the place of an older one about the same."""
    others = [dict(each) for each in flags if flag_key(each) != flag_key(flag)]
    return [*others, dict(flag)]


def drop_answered(session: WorkshopSession) -> None:
    """Take away the flags for something missing that has been filled in since."""
    session.flags = [
        flag for flag in session.flags if not _ANSWERED.get(flag["code"], _never)(session)
    ]


def _identity(flag: Flag) -> tuple[str, str]:
    return flag_key(flag), str(flag["detail"])


def _never(_session: WorkshopSession) -> bool:
    return False


def _has_place(session: WorkshopSession) -> bool:
    return bool(session.online or (session.online is False and session.venue))


_ANSWERED: Mapping[str, Callable[[WorkshopSession], bool]] = {
    FlagCode.NO_TITLE: lambda session: any(session.workshop.words("title").values()),
    FlagCode.NO_PLACE: _has_place,
    FlagCode.PLACE_AND_ONLINE: lambda session: session.online is not None,
    FlagCode.UNKNOWN_PROVINCE: lambda session: bool(session.venue and session.venue.province),
    FlagCode.NO_LANGUAGE: lambda session: bool(session.language),
}
