"""What an import does, in words, for the page that asks staff to confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.catalog import words
from services.catalog.importing import CHANGED, GONE, NEW, UNCHANGED, ImportItem, ImportReport
from services.catalog.staff_lists import FlagView, flag_views


@dataclass(frozen=True)
class ChangeView:
    """A field that the listing changed; one that is not `applied` becomes a flag."""

    field: str
    old: str
    new: str
    applied: bool


@dataclass(frozen=True)
class ItemView:
    """An entry of the listing."""

    date_line: str
    title: str
    href: str
    is_past: bool
    status_text: str
    flags: Sequence[FlagView]
    changes: Sequence[ChangeView]


@dataclass(frozen=True)
class LeftOverView:
    """A line that belongs to no entry, and why."""

    number: int
    text: str
    why: str


@dataclass(frozen=True)
class ReportView:
    """The report by kinds of entries."""

    new: Sequence[ItemView]
    changed: Sequence[ItemView]
    unchanged: Sequence[ItemView]
    gone: Sequence[ItemView]
    left_over: Sequence[LeftOverView]

    @property
    def has_news(self) -> bool:
        """Whether the import would change anything."""
        return bool(self.new or self.changed)


def report_view(report: ImportReport) -> ReportView:
    """Put a report into words."""
    kinds = {kind: [_item(item) for item in report.of(kind)] for kind in _KINDS}
    left = [
        LeftOverView(line.line_number, line.text, str(words.LEFT_OVER[line.reason]))
        for line in report.left_over
    ]
    return ReportView(**kinds, left_over=left)


_KINDS = (NEW, CHANGED, UNCHANGED, GONE)


def _item(item: ImportItem) -> ItemView:
    return ItemView(
        date_line=item.date_line,
        title=item.title,
        href=f"/staff/workshops/sessions/{item.session_id}" if item.session_id else "",
        is_past=item.past,
        status_text=str(words.STATUSES[item.status]),
        flags=flag_views(item.flags),
        changes=[
            ChangeView(words.field_words(each.field), each.old, each.new, each.applied)
            for each in item.changes
        ],
    )
