"""The one function that says who may do what, without a database or a request."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from services.chassis.policy import (
    ACTIONS,
    GET_ROSTER,
    IMPORT_LISTING,
    KEEP_OWN_PLACE,
    READ_CALENDAR,
    SEE_PEOPLE,
    SEE_SESSIONS,
)
from services.chassis.rules import (
    ADMIN,
    ANYBODY,
    AUDITOR,
    COORDINATOR,
    FACILITATOR,
    LOCAL_OFFICER,
    STAFF_ROLES,
    Action,
    Actor,
    Reach,
    Thing,
    may,
)

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
SAM = "sam@example.org"


def an_actor(role: str, **but: object) -> Actor:
    return replace(Actor(role, NOW, id=uuid4(), email=SAM), **but)


def a_session(**but: object) -> Thing:
    known = Thing(facilitators=frozenset({SAM}), ends_on=date(2026, 3, 19), zone="America/Toronto")
    return replace(known, **but)


def test_what_no_row_allows_is_forbidden_to_everybody() -> None:
    unheard_of = Action("unheard_of", READ_CALENDAR.words)
    assert not any(may(an_actor(role), unheard_of, Thing()) for role in (*STAFF_ROLES, ANYBODY))


def test_a_role_that_the_table_does_not_know_may_do_what_anybody_may() -> None:
    stranger = an_actor("stranger")
    allowed = {name for name, action in ACTIONS.items() if may(stranger, action)}
    assert allowed == {name for name, action in ACTIONS.items() if ANYBODY in action.rights}


def test_nobody_may_do_without_a_link_what_a_link_is_for() -> None:
    assert not any(may(an_actor(role), KEEP_OWN_PLACE) for role in (*STAFF_ROLES, ANYBODY))


def test_a_coordinator_reaches_own_areas_and_what_is_in_none() -> None:
    north = an_actor(COORDINATOR, areas=frozenset({"North", "Far North"}))
    assert may(north, SEE_PEOPLE, a_session(areas=frozenset({"North"})))
    assert may(north, SEE_PEOPLE, a_session(areas=frozenset()))
    assert not may(north, SEE_PEOPLE, a_session(areas=frozenset({"South"})))
    assert not may(north, SEE_PEOPLE, a_session(areas=frozenset({"North", "South"})))
    assert not may(north, SEE_PEOPLE, a_session(areas=None))


def test_a_coordinator_without_areas_reaches_all() -> None:
    for areas in (frozenset({"South"}), frozenset[str](), None):
        assert may(an_actor(COORDINATOR), SEE_PEOPLE, a_session(areas=areas))


def test_what_concerns_every_area_is_for_those_who_are_limited_to_none() -> None:
    assert may(an_actor(COORDINATOR), IMPORT_LISTING)
    assert not may(an_actor(COORDINATOR, areas=frozenset({"North"})), IMPORT_LISTING)


@pytest.mark.parametrize(
    ("now", "still"),
    [
        (datetime(2026, 4, 3, 3, 59, tzinfo=UTC), True),  # 23:59 in Toronto on the last day.
        (datetime(2026, 4, 3, 4, 0, tzinfo=UTC), False),
    ],
)
def test_a_facilitator_sees_their_session_until_fourteen_days_after_where_it_is(
    now: datetime, *, still: bool
) -> None:
    facilitator = an_actor(FACILITATOR, now=now, email=SAM.upper())
    assert may(facilitator, GET_ROSTER, a_session()) is still
    assert may(an_actor(ADMIN, now=now), GET_ROSTER, a_session())


def test_a_facilitator_does_not_see_the_session_of_another() -> None:
    others = a_session(facilitators=frozenset({"kim@example.org"}))
    assert not may(an_actor(FACILITATOR), SEE_SESSIONS, others)


def test_an_auditor_sees_numbers_and_no_people() -> None:
    assert may(an_actor(AUDITOR), SEE_SESSIONS, a_session())
    assert not may(an_actor(AUDITOR), SEE_PEOPLE, a_session())


def test_a_local_officer_without_a_local_reaches_nothing_by_it() -> None:
    action = Action("of_a_local", SEE_PEOPLE.words, {LOCAL_OFFICER: Reach.OWN_LOCAL})
    local = uuid4()
    assert may(an_actor(LOCAL_OFFICER, organisation_id=local), action, Thing(organisation_id=local))
    assert not may(an_actor(LOCAL_OFFICER, organisation_id=local), action, Thing())
    assert not may(an_actor(LOCAL_OFFICER), action, Thing())


def test_a_token_narrows_what_its_owner_may_and_never_widens_it() -> None:
    narrow = an_actor(COORDINATOR, actions=frozenset({"get_roster", "choose_letterhead"}))
    assert may(narrow, GET_ROSTER, a_session())
    assert not may(narrow, SEE_PEOPLE, a_session())
    assert not may(narrow, ACTIONS["choose_letterhead"])
