"""A listing becomes drafts; a later one changes only what staff have left alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.catalog import commands
from services.catalog.importing import ImportReport
from services.catalog.listing import LeftOverReason, NotAListing
from services.catalog.models import WorkshopSession
from services.chassis.service import Runtime
from tests.catalog.factories import (
    ACTOR,
    NOW,
    ONE_ENTRY,
    REAL_LISTING,
    a_day,
    all_sessions,
    reread,
)


def imported(runtime: Runtime, text: str, *, dry_run: bool = False) -> ImportReport:
    database = runtime.database
    with database.reading() if dry_run else database.writing() as db:
        return commands.import_listing(db, text, actor=ACTOR, now=NOW, dry_run=dry_run)


def edited(runtime: Runtime, session: WorkshopSession, **changes: object) -> None:
    with runtime.database.writing() as db:
        commands.edit_session(db, session.id, changes, actor=ACTOR, now=NOW)


def only_session(runtime: Runtime) -> WorkshopSession:
    [session] = all_sessions(runtime)
    return session


def test_every_dated_entry_of_the_real_listing_becomes_a_draft(runtime: Runtime) -> None:
    report = imported(runtime, REAL_LISTING)
    assert report.counts == {"new": 12, "changed": 0, "unchanged": 0, "gone": 0, "left_over": 2}
    sessions = all_sessions(runtime)
    assert [str(session.first_day) for session in sessions] == [
        *("2026-02-25", "2026-02-26", "2026-02-28", "2026-03-02", "2026-03-10", "2026-03-18"),
        *("2026-03-23", "2026-03-30", "2026-04-13", "2026-04-20", "2026-04-25", "2026-05-04"),
    ]
    assert {session.status for session in sessions} == {"draft"}
    assert all(session.capacity is None for session in sessions)
    assert all(day.starts is None and day.ends is None for s in sessions for day in s.days)


def test_a_draft_has_what_the_listing_says_and_nothing_else(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY)
    session = only_session(runtime)
    assert session.workshop.title_en == "Introduction to Stewarding"
    assert session.workshop.title_fr == ""
    assert session.workshop.hours == 6
    assert "collective agreement" in session.workshop.bring_en
    assert session.place == "Windsor Area Office, Windsor, ON"
    assert (session.fee_affiliate_cents, session.fee_other_cents) == (2500, 3000)
    assert (session.online, session.language, session.zone) == (False, "en", "America/Toronto")


def test_a_fee_that_is_not_stated_is_not_taken_for_free(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY.replace(" | $25 (Affiliate) | $30 (Non-affiliate)", ""))
    assert only_session(runtime).fee_affiliate_cents is None


def test_a_dry_run_tells_the_same_and_stores_nothing(runtime: Runtime) -> None:
    assert imported(runtime, REAL_LISTING, dry_run=True).counts["new"] == 12
    assert all_sessions(runtime) == []


def test_the_same_listing_again_changes_nothing(runtime: Runtime) -> None:
    imported(runtime, REAL_LISTING)
    before = [(session.id, session.version, session.flags) for session in all_sessions(runtime)]
    assert imported(runtime, REAL_LISTING).counts["unchanged"] == 12
    after = [(session.id, session.version, session.flags) for session in all_sessions(runtime)]
    assert after == before


def test_a_change_reaches_a_draft_that_staff_have_not_touched(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY)
    report = imported(runtime, ONE_ENTRY.replace("$30", "$35").replace("Feb 20", "Feb 21"))
    [item] = report.of("changed")
    assert {change.field: change.applied for change in item.changes} == {
        "dates": True,
        "fee_other_cents": True,
    }
    session = only_session(runtime)
    assert session.fee_other_cents == 3500
    assert str(session.first_day) == "2026-02-21"


def test_a_moved_date_keeps_the_hours_that_staff_gave(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY)
    edited(runtime, only_session(runtime), days=[a_day("2026-02-20", "10:00", "15:00")])
    imported(runtime, ONE_ENTRY.replace("Feb 20", "Feb 21"))
    [day] = only_session(runtime).days
    assert (str(day.date), str(day.starts), str(day.ends)) == ("2026-02-21", "10:00:00", "15:00:00")


def test_what_staff_changed_stays_and_becomes_a_flag_once(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY)
    session = only_session(runtime)
    edited(runtime, session, fee_other_cents=4000)
    changed = ONE_ENTRY.replace("$30", "$35")
    imported(runtime, changed)
    session = only_session(runtime)
    assert session.fee_other_cents == 4000
    assert [flag["field"] for flag in session.flags] == ["fee_other_cents"]
    assert "35.00" in session.flags[0]["detail"]
    with runtime.database.writing() as db:
        key = "listing_says:fee_other_cents"
        commands.settle_flag(db, session.id, key, actor=ACTOR, now=NOW)
    assert imported(runtime, changed).counts["unchanged"] == 1
    assert only_session(runtime).flags == []


def test_a_published_session_is_never_changed_by_an_import(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY)
    session = only_session(runtime)
    edited(runtime, session, capacity=20)
    with runtime.database.writing() as db:
        commands.publish_session(db, session.id, actor=ACTOR, now=NOW)
    imported(runtime, ONE_ENTRY.replace("Stewarding", "Stewards").replace("$30", "$35"))
    session = only_session(runtime)
    assert session.workshop.title_en == "Introduction to Stewarding"
    assert session.fee_other_cents == 3000
    assert {flag["field"] for flag in session.flags} == {"title_en", "fee_other_cents"}


def test_a_settled_flag_does_not_come_back(runtime: Runtime) -> None:
    untitled = ONE_ENTRY.replace("Introduction to Stewarding\n\n", "")
    imported(runtime, untitled)
    session = only_session(runtime)
    assert [flag["code"] for flag in session.flags] == ["no_title"]
    edited(runtime, session, title_en="Stewarding")
    assert only_session(runtime).flags == []
    imported(runtime, untitled.replace("$30", "$35"))
    session = only_session(runtime)
    assert session.flags == []
    assert session.workshop.title_en == "Stewarding"


def test_what_is_no_longer_listed_is_reported_and_kept(runtime: Runtime) -> None:
    imported(runtime, REAL_LISTING)
    report = imported(runtime, ONE_ENTRY)
    assert report.counts["gone"] == 12
    assert len(all_sessions(runtime)) == 13


def test_dates_with_the_same_words_share_one_workshop_until_the_words_part(
    runtime: Runtime,
) -> None:
    later = ONE_ENTRY.replace("Feb 20", "Mar 20")
    imported(runtime, ONE_ENTRY + "\n" + later)
    first, second = all_sessions(runtime)
    assert first.workshop_id == second.workshop_id
    imported(runtime, ONE_ENTRY + "\n" + later.replace("6-hour", "7-hour"))
    first, second = all_sessions(runtime)
    assert first.workshop_id != second.workshop_id
    assert (first.workshop.hours, second.workshop.hours) == (6, 7)
    both = ONE_ENTRY.replace("6-hour", "7-hour") + "\n" + later.replace("6-hour", "7-hour")
    imported(runtime, both)
    first, second = all_sessions(runtime)
    assert first.workshop_id == second.workshop_id


def test_a_draft_that_was_set_aside_does_not_come_back(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY)
    session = only_session(runtime)
    with runtime.database.writing() as db:
        commands.set_aside(db, session.id, actor=ACTOR, now=NOW)
    imported(runtime, ONE_ENTRY)
    assert reread(runtime, session.id).status == "set_aside"
    assert len(all_sessions(runtime)) == 1


def test_a_place_out_of_east_has_its_own_time_zone(runtime: Runtime) -> None:
    imported(runtime, ONE_ENTRY.replace("Windsor, Ontario", "Moncton, New Brunswick"))
    assert only_session(runtime).zone == "America/Moncton"


@pytest.mark.parametrize("text", ["", "   \n", "Dear all, the weather is fine.", "<html></html>"])
def test_what_is_not_a_listing_is_refused(runtime: Runtime, text: str) -> None:
    with pytest.raises(NotAListing):
        imported(runtime, text)


def test_impossible_dates_are_left_over_and_not_guessed(runtime: Runtime) -> None:
    text = "Feb 30, 2026 | Windsor, Ontario | English\nLost\n" + ONE_ENTRY
    report = imported(runtime, text)
    assert report.counts["new"] == 1
    assert report.left_over[0].reason == LeftOverReason.IMPOSSIBLE_DATE


def test_two_imports_at_once_make_each_draft_once(runtime: Runtime) -> None:
    with ThreadPoolExecutor(2) as both:
        reports = list(both.map(lambda _: imported(runtime, REAL_LISTING), range(2)))
    assert sorted(report.counts["new"] for report in reports) == [0, 12]
    assert len(all_sessions(runtime)) == 12
