"""The three-way comparison of an import: the listing then, the listing now, and the draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.catalog.drafts import GROUPS, draft_values, present_values
from services.catalog.history import in_words, snapshot
from services.catalog.models import DRAFT, WorkshopSession

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class ListingChange:
    """A field in which the listing changed.

    `applied` is whether the draft follows; else staff had changed it too, or the session is
    public, and a flag asks them to settle it. `values` are the new ones.
    """

    field: str
    old: str
    new: str
    applied: bool
    values: Mapping[str, Any]


def compare(session: WorkshopSession, new_facts: Facts) -> tuple[ListingChange, ...]:
    """What the listing says now that it did not say at the last import, and is not so already."""
    old, new = draft_values(session.import_facts or new_facts), draft_values(new_facts)
    ours = present_values(snapshot(session))
    changed = {
        name: group for name, group in GROUPS.items() if _pick(old, group) != _pick(new, group)
    }
    return tuple(
        ListingChange(
            field=name,
            old=_told(name, ours),
            new=_told(name, new),
            applied=session.status == DRAFT and _pick(ours, group) == _pick(old, group),
            values=_pick(new, group),
        )
        for name, group in changed.items()
        if _pick(ours, group) != _pick(new, group)
    )


def _pick(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _told(name: str, values: Mapping[str, Any]) -> str:
    """A group in words; of a place the zone is not told, since it follows from the rest."""
    if name != "place":
        return in_words(name, values[name])
    named = ", ".join(values[each] for each in ("venue", "city", "province") if values[each])
    return in_words(name, f"online, {named}" if values["online"] else named)
