"""The audit log of a service, for those who ask who saw or changed what."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import LazyString
from flask_babel import gettext as _

from services.chassis.access import allowed
from services.chassis.audit import AuditEntry, AuditFilter, found_entries
from services.chassis.fields import Input, Text, Whole
from services.chassis.forms import read_query
from services.chassis.policy import ACTIONS, SEE_AUDIT
from services.chassis.rules import ROLES
from services.chassis.running import runtime
from services.chassis.wall_clock import TO_THE_SECOND, by_the_clock, which_clock

PAGE = 50
_LATEST = 2**31 - 1
_OWN_PAGES = {"session": "/staff/sessions/", "registration": "/staff/registrations/"}


class AuditInput(Input):
    """Whose acts, and what they were done to; `older` is where the page before ended."""

    about = Text(120)
    by = Text(200)
    older = Whole(1, _LATEST)


def audit_pages(service: str, acts: Mapping[str, LazyString]) -> Blueprint:
    """The audit log of one service, with its words for acts that are no action of the policy."""
    words = {name: action.words for name, action in ACTIONS.items()} | dict(acts)
    pages = Blueprint("audit", __name__, url_prefix=f"/staff/audit/{service}")

    @pages.get("/")
    @allowed(SEE_AUDIT)
    def log() -> tuple[str, int]:
        typed, data = read_query(AuditInput())
        entries: list[AuditEntry] = []
        if data is not None:
            subjects = frozenset({data["about"]} if data.get("about") else ())
            wanted = AuditFilter(subjects, data.get("by", ""), older_than=data.get("older"))
            with runtime().database.reading() as db:
                entries = list(found_entries(db, wanted, PAGE))
        kept = {name: typed.values[name] for name in ("about", "by") if typed.values.get(name)}
        older = url_for("audit.log", **kept, older=entries[-1].number) if _is_full(entries) else ""
        rows = [_shown(each, words) for each in entries]
        page = render_template(
            "turnout/audit.html",
            service=service,
            form=typed,
            rows=rows,
            older=older,
            zone=which_clock(),
        )
        return page, 422 if data is None else 200

    return pages


def _is_full(entries: list[AuditEntry]) -> bool:
    return len(entries) == PAGE and entries[-1].number > 1


def _shown(entry: AuditEntry, words: Mapping[str, LazyString]) -> dict[str, Any]:
    kind, _colon, key = entry.subject.partition(":")
    return {
        "entry": entry,
        "when": by_the_clock(entry.at, TO_THE_SECOND),
        "role": ROLES.get(entry.role, entry.role),
        "action": words.get(entry.action, entry.action),
        "href": f"{_OWN_PAGES[kind]}{key}" if kind in _OWN_PAGES else "",
        "lines": list(_lines(entry.details)),
    }


def _lines(details: dict[str, Any]) -> Iterator[str]:
    """What was shown and changed, a line each; names of fields are those of the tables."""
    shown = [ACTIONS[name].words for name in details.get("shown", ()) if name in ACTIONS]
    if shown:
        yield _("Shown: %(what)s", what="; ".join(map(str, shown)))
    for name, fields in details.get("changed", {}).items():
        yield f"{name}: " + ", ".join(_change(field, values) for field, values in fields.items())


def _change(field: str, values: list[Any] | None) -> str:
    return f"{field} {values[0]} → {values[1]}" if values else field
