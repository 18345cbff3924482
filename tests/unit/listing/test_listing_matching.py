"""Importing a listing again: what is unchanged, what changed, and what is no longer listed."""

import json
from pathlib import Path

import pytest

from services.catalog.listing import FlagCode, read_listing
from services.catalog.listing.facts import entry_facts, entry_from_facts
from services.catalog.listing.matching import Match, match_entries

REAL = (Path(__file__).parent / "listing.txt").read_text("utf-8")
BASICS = "Mar 2, 2026 | Hall, Windsor, Ontario | English | $20\nSteward Basics\nText.\n"
AUDITS = "Mar 9, 2026 | Hall, Windsor, Ontario | English\nAudits\nBooks.\n"
ONLINE = "Mar 2, 2026 | ONLINE, Ontario | English\nAllies\nWords.\n"


def matched(old, new):
    stored = json.loads(json.dumps([entry_facts(entry) for entry in read_listing(old).entries]))
    return match_entries(stored, read_listing(new).entries)


def test_the_same_listing_again_changes_nothing():
    matches = matched(REAL, REAL)
    assert matches == tuple(Match(at, at) for at in range(12))


def test_another_order_and_other_spacing_change_nothing():
    spaced = AUDITS.replace(" | ", "  |\u00a0") + "\n" + BASICS
    assert matched(BASICS + AUDITS, spaced) == (Match(1, 0), Match(0, 1))


def test_a_changed_fee_is_shown_with_its_old_and_new_value():
    (match,) = matched(BASICS, BASICS.replace("$20", "$25"))
    assert match.changes == {
        "fee_affiliate_cents": (2000, 2500),
        "fee_other_cents": (2000, 2500),
    }


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("Steward Basics", "Basics for Stewards", "title"),
        ("Steward Basics\n", "", "title"),
        ("Text.", "Other text.", "description"),
        ("Mar 2", "Mar 3", "dates"),
        ("Mar 2", "March 2 - 3", "dates"),
        ("Hall", "Library", "venue"),
        ("English", "French", "language"),
    ],
)
def test_one_change_never_makes_another_entry(old, new, field):
    changed, audits = matched(BASICS + AUDITS, BASICS.replace(old, new) + AUDITS)
    assert (changed.old_index, changed.new_index) == (0, 0)
    assert field in changed.changes
    assert audits == Match(1, 1)


def test_two_groups_on_the_same_day_stay_two():
    assert matched(BASICS * 2, BASICS * 2) == (Match(0, 0), Match(1, 1))
    assert matched(BASICS * 2, BASICS) == (Match(0, 0), Match(1, None))
    assert matched(BASICS, BASICS * 2) == (Match(0, 0), Match(None, 1))


def test_of_two_groups_only_the_changed_one_changes():
    first, second = matched(BASICS * 2, BASICS.replace("$20", "$25") + BASICS)
    assert second == Match(0, 1)
    assert (first.old_index, set(first.changes)) == (1, {"fee_affiliate_cents", "fee_other_cents"})


def test_another_date_is_not_guessed_where_two_could_be_meant():
    later = BASICS.replace("Mar 2", "Mar 3") + BASICS.replace("Mar 2", "Mar 4")
    assert matched(BASICS, later) == (Match(None, 0), Match(None, 1), Match(0, None))


def test_new_entries_and_those_no_longer_listed_are_told():
    assert matched(BASICS + AUDITS, AUDITS + ONLINE) == (
        Match(1, 0),
        Match(None, 1),
        Match(0, None),
    )


def test_the_same_day_at_another_place_is_another_entry():
    assert matched(BASICS, ONLINE) == (Match(None, 0), Match(0, None))


def test_a_field_that_was_not_stored_yet_is_no_change():
    (entry,) = read_listing(BASICS).entries
    stored = {name: value for name, value in entry_facts(entry).items() if name != "series"}
    assert match_entries([stored], [entry]) == (Match(0, 0),)
    assert entry_from_facts(stored) == entry


def test_the_stored_form_is_plain_json_in_stable_words():
    facts = entry_facts(read_listing(REAL).entries[0])
    assert facts["dates"] == ["2026-02-25"]
    assert facts["online"] is None
    assert facts["flags"] == [
        {"code": "place_and_online", "detail": "This online workshop"},
        {"code": "no_title", "detail": ""},
    ]
    assert list(facts) == list(json.loads(json.dumps(facts)))


def test_a_stored_form_that_is_none_is_refused():
    with pytest.raises(KeyError):
        entry_from_facts({"line": 1})
    with pytest.raises(ValueError, match="nonsense"):
        entry_from_facts(
            {"line": 1, "date_line": "x", "dates": ["2026-02-25"],
             "flags": [{"code": "nonsense", "detail": ""}]}
        )  # fmt: skip


def test_the_flag_codes_are_the_ones_that_are_stored():
    assert {code.value for code in FlagCode} == {
        "no_title",
        "no_place",
        "place_and_online",
        "unknown_province",
        "no_language",
        "fee_unclear",
        "hours_unclear",
        "times_in_description",
        "date_unclear",
        "unread_cell",
    }
