"""Importing a listing: what is new or changed in it becomes drafts to review, nothing is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.comparing import ListingChange, compare
from services.catalog.drafting import create_draft, follow_listing
from services.catalog.flags import listing_says, merged_flags, with_flag
from services.catalog.listing import LeftOver, ListingEntry, past, read_listing
from services.catalog.listing.facts import entry_facts
from services.catalog.listing.matching import match_entries
from services.catalog.models import DRAFT, ImportRun, WorkshopSession
from services.catalog.refusals import Refusal
from services.catalog.schedule import DEFAULT_ZONE, is_past, today_in
from services.chassis.db import count_up
from services.chassis.outbox import SubjectSequence

NEW, CHANGED, UNCHANGED, GONE = "new", "changed", "unchanged", "gone"
MOST_ENTRIES = 2_000


class TooManyEntries(Refusal):
    """More entries than a person could review."""

    def __init__(self) -> None:
        super().__init__("too_many_entries")


@dataclass(frozen=True)
class ImportItem:
    """One entry of the listing, or one that is no longer listed, and what the import does."""

    kind: str
    session_id: UUID | None
    date_line: str
    title: str
    past: bool
    status: str
    flags: tuple[Mapping[str, Any], ...]
    changes: tuple[ListingChange, ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """All entries in the listing's order, then those no longer listed, and the lines of none."""

    items: tuple[ImportItem, ...]
    left_over: tuple[LeftOver, ...]

    def of(self, kind: str) -> tuple[ImportItem, ...]:
        """The items of one kind: new, changed, unchanged or gone."""
        return tuple(item for item in self.items if item.kind == kind)

    @property
    def new(self) -> tuple[ImportItem, ...]:
        """What becomes a draft."""
        return self.of(NEW)

    @property
    def counts(self) -> dict[str, int]:
        """How many items of each kind, and how many lines left over."""
        kinds = {kind: len(self.of(kind)) for kind in (NEW, CHANGED, UNCHANGED, GONE)}
        return {**kinds, "left_over": len(self.left_over)}


def import_listing(
    db: Session, text: str, *, actor: str, now: datetime, dry_run: bool = False
) -> ImportReport:
    """Bring a listing's entries into the catalogue as drafts; a dry run only says what it would do.

    Published sessions are never changed, nothing is deleted. Raises NotAListing for a text
    without a single date line, and TooManyEntries.
    """
    listing = read_listing(text)
    if len(listing.entries) > MOST_ENTRIES:
        raise TooManyEntries
    if not dry_run:
        # Two imports at once would each find the same entries new: the second one waits here.
        count_up(db, SubjectSequence.last, ["listing.import"])
    importer = _Importer(db, actor=actor, now=now, dry_run=dry_run)
    report = ImportReport(importer.items(listing.entries), listing.left_over)
    if not dry_run:
        db.add(ImportRun(at=now, actor=actor, counts=report.counts))
        db.flush()
    return report


class _Importer:
    """One run: pairs entries with sessions and carries out, or only tells, what follows."""

    def __init__(self, db: Session, *, actor: str, now: datetime, dry_run: bool) -> None:
        self.db, self.actor, self.now, self.dry_run = db, actor, now, dry_run
        query = sa.select(WorkshopSession).where(WorkshopSession.import_facts.is_not(None))
        query = query.order_by(WorkshopSession.id)
        self.known = db.scalars(query if dry_run else query.with_for_update()).all()

    def items(self, entries: Sequence[ListingEntry]) -> tuple[ImportItem, ...]:
        """What becomes of each entry; past sessions that are no longer listed are no news."""
        found: list[ImportItem] = []
        for match in match_entries([_facts(session) for session in self.known], entries):
            session = None if match.old_index is None else self.known[match.old_index]
            if match.new_index is None:
                if session is not None and not is_past(session, self.now):
                    found.append(self._item(GONE, session))
            elif session is None:
                found.append(self._new(entries[match.new_index]))
            else:
                found.append(self._known(session, entry_facts(entries[match.new_index])))
        return tuple(found)

    def _new(self, entry: ListingEntry) -> ImportItem:
        facts, session_id = entry_facts(entry), None
        if not self.dry_run:
            session_id = create_draft(self.db, facts, actor=self.actor, now=self.now).id
        return ImportItem(
            kind=NEW,
            session_id=session_id,
            date_line=entry.date_line,
            title=entry.title,
            past=past(entry, today_in(entry.zone or DEFAULT_ZONE, self.now)),
            status=DRAFT,
            flags=tuple(facts["flags"]),
        )

    def _known(self, session: WorkshopSession, facts: dict[str, Any]) -> ImportItem:
        changes = compare(session, facts)
        flags = merged_flags(session.flags, _facts(session)["flags"], facts["flags"])
        for change in changes:
            if not change.applied:
                flags = with_flag(flags, listing_says(change.field, change.new))
        is_changed = bool(changes) or flags != session.flags
        if is_changed and not self.dry_run:
            follow_listing(self.db, session, changes, flags=flags, actor=self.actor, now=self.now)
        if not self.dry_run:
            session.import_facts = facts
        item = self._item(CHANGED if is_changed else UNCHANGED, session, flags, changes)
        return replace(item, date_line=facts["date_line"])

    def _item(
        self,
        kind: str,
        session: WorkshopSession,
        flags: Sequence[Mapping[str, Any]] = (),
        changes: tuple[ListingChange, ...] = (),
    ) -> ImportItem:
        titles = session.workshop.words("title")
        return ImportItem(
            kind=kind,
            session_id=session.id,
            date_line=_facts(session)["date_line"],
            title=titles["en"] or titles["fr"],
            past=is_past(session, self.now),
            status=session.status,
            flags=tuple(flags),
            changes=changes,
        )


def _facts(session: WorkshopSession) -> dict[str, Any]:
    """The entry as last imported; `_Importer.known` has only sessions that were."""
    return session.import_facts or {}
