"""How an entry of a listing becomes the fields of a draft."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.catalog.history import WORKSHOP_FIELDS, Snapshot
from services.catalog.schedule import DEFAULT_ZONE

Facts = Mapping[str, Any]

LISTED_TEXTS = ("title", "description", "bring", "prerequisites")
PLACE = ("online", "venue", "city", "province", "zone")
"""These change together: half of one place and half of another would be a third one."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "dates": ("dates",),
    "place": PLACE,
    "language": ("language",),
    "fee_affiliate_cents": ("fee_affiliate_cents",),
    "fee_other_cents": ("fee_other_cents",),
    "notes": ("notes",),
    **{f"{name}_{code}": (f"{name}_{code}",) for name in LISTED_TEXTS for code in ("en", "fr")},
    "series": ("series",),
    "hours": ("hours",),
}
"""What an import compares and changes as one, by the name that staff see."""


def draft_values(facts: Facts) -> dict[str, Any]:
    """What a listing says of each field that it can say something of."""
    spoken = "fr" if facts["language"] == "fr" else "en"
    texts = {
        f"{name}_{code}": facts[name] if code == spoken else ""
        for name in LISTED_TEXTS
        for code in ("en", "fr")
    }
    same = ("online", "venue", "city", "province", "language", "notes", "series", "hours")
    return {
        **texts,
        **{name: facts[name] for name in same},
        "fee_affiliate_cents": facts["fee_affiliate_cents"],
        "fee_other_cents": facts["fee_other_cents"],
        "zone": facts["zone"] or DEFAULT_ZONE,
        "dates": [date.fromisoformat(each) for each in facts["dates"]],
    }


def present_values(snapshot: Snapshot) -> dict[str, Any]:
    """The same fields as they stand in the draft now."""
    names = [name for group in GROUPS.values() for name in group if name != "dates"]
    values = {name: snapshot[name] for name in names}
    return {**values, "dates": [day["date"] for day in snapshot["days"]]}


def texts_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that belong to the workshop and not to one session of it."""
    return {name: values[name] for name in WORKSHOP_FIELDS if name in values}
