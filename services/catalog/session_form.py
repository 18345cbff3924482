"""The staff form of a session: what stands in it, and how it is read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.catalog import words
from services.catalog.history import WORKSHOP_FIELDS, snapshot
from services.catalog.models import Workshop, WorkshopSession
from services.catalog.nested_forms import read_nested_form, spread
from services.catalog.schedule import ZONES
from services.catalog.schemas import SessionForm
from services.chassis.forms import Form
from services.documents.dates import zone_name

_TELLING = {"days": ("date", "starts", "ends"), "facilitators": ("name", "email")}
_SPARE_ROWS = {"days": 2, "facilitators": 1}

Option = tuple[str, str]


@dataclass(frozen=True)
class Choices:
    """The options of the form's selects."""

    zones: Sequence[Option]
    provinces: Sequence[Option]
    languages: Sequence[Option]


def read_session_form() -> tuple[Form, dict[str, Any] | None]:
    """The submitted form, and its data where nothing is wrong with it."""
    return read_nested_form(SessionForm(), lists=_TELLING, singles={"host": ("name", "email")})


def session_form(session: WorkshopSession) -> Form:
    """The form of a session as it stands."""
    values = snapshot(session)
    rows = {"days": [_day_row(day) for day in values.pop("days")]}
    rows["facilitators"] = [dict(each) for each in values.pop("facilitators")]
    host = values.pop("host") or {}
    closes_at = values.pop("closes_at")
    zone = ZoneInfo(session.zone)
    return Form(
        values={
            **{name: _shown(value) for name, value in values.items()},
            **spread(rows),
            **{f"host.{name}": value for name, value in host.items()},
            "fee_affiliate": _dollars(values["fee_affiliate_cents"]),
            "fee_other": _dollars(values["fee_other_cents"]),
            "closes_at": f"{closes_at.astimezone(zone):%Y-%m-%dT%H:%M}" if closes_at else "",
            "auto_promote": "yes" if session.auto_promote else "",
            "version": str(session.version),
        }
    )


def workshop_form(workshop: Workshop) -> Form:
    """The form of a workshop's texts."""
    return Form(values={name: _shown(getattr(workshop, name)) for name in WORKSHOP_FIELDS})


def row_counts(form: Form) -> Mapping[str, range]:
    """How many rows the form shows: those filled in, and spare ones to add more."""
    return {name: range(_rows_in(form, name) + spare) for name, spare in _SPARE_ROWS.items()}


def choices(language: str) -> Choices:
    """The options in the reader's language."""
    return Choices(
        zones=[(zone, _zone_label(zone, language)) for zone in ZONES],
        provinces=sorted(((code, str(name)) for code, name in words.PROVINCES.items()), key=_name),
        languages=[(code, str(name)) for code, name in words.LANGUAGES.items()],
    )


def _rows_in(form: Form, name: str) -> int:
    numbers = {key.split(".")[1] for key in form.values if key.startswith(f"{name}.")}
    return len(numbers)


def _name(option: Option) -> str:
    return option[1]


def _zone_label(zone: str, language: str) -> str:
    """Such as `Eastern Time (Toronto)`: several towns share a zone's name."""
    name = zone_name(zone, language)
    return f"{name[:1].upper()}{name[1:]} ({zone.rpartition('/')[2].replace('_', ' ')})"


def _day_row(day: Mapping[str, Any]) -> dict[str, str]:
    return {name: _shown(value) for name, value in day.items()}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, date) or not hasattr(value, "isoformat"):
        return str(value)
    return str(value.isoformat("minutes"))


def _dollars(cents: int | None) -> str:
    return "" if cents is None else f"{cents / 100:.2f}".removesuffix(".00")
