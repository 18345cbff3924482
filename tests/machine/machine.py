"""The machine: does to the product and to the model the same, and compares them after each step."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy.orm import Session

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.contracts import Event, to_envelope
from services.contracts.sessions import SESSION_CHANGED
from services.registration.answers import NotBookable, SignUp
from services.registration.due import run_offers
from services.registration.erasure import ask_erasure
from services.registration.invariants import INVARIANTS
from services.registration.models import Registration
from services.registration.people import who_is
from services.registration.places import (
    TooLate,
    UnknownRegistration,
    accept_offer,
    decline_offer,
    give_up,
)
from services.registration.staff_actions import (
    NotPossible,
    OverCapacity,
    cancel_by_staff,
    confirm_by_staff,
    hold_back,
    move_by_staff,
    offer_by_staff,
    release,
)
from tests.machine.model import Model, Place, Refused
from tests.machine.stores import Empty
from tests.registration.factories import facts, sign_up, sign_up_all

BEGIN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CLOSES = datetime(2026, 4, 1, 13, 0, tzinfo=UTC)
OVER = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
"""Midnight in Toronto after the sessions' only day."""

PEOPLE, SESSIONS = tuple("ABCDEFG"), ("north", "south")
REFUSALS = (TooLate, NotBookable, OverCapacity, NotPossible, UnknownRegistration)
WHY = {"actor": "Coordinator", "reason": "because"}
SHOWN = ("state", "arrival", "held_back", "over")

somebody, somewhere = st.sampled_from(PEOPLE), st.sampled_from(SESSIONS)
crowds = st.lists(
    st.tuples(somebody, st.booleans()), min_size=1, max_size=3, unique_by=itemgetter(0)
)
nth = st.integers(0, 30)


class Crash(Exception):
    """The process dies before it commits."""


class SeatMachine(RuleBasedStateMachine):
    """Everything that members, staff, catalogue, clock and chance do to places."""

    runtime: Runtime
    empty: Empty
    """The product and what empties its tables; given by a subclass."""

    steps = 0
    asks_every = 1
    """How many steps all machines have made, and after how many of them the database is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.empty()
        self.now = BEGIN
        self.model = Model(CLOSES, OVER, dict.fromkeys(SESSIONS, 2))
        self.ids = {name: new_id() for name in SESSIONS}
        self.workshop = new_id()
        self.keys: dict[int, UUID] = {}
        self.told: list[tuple[str, Event, dict[str, Any]]] = []

    @initialize(
        capacities=st.tuples(st.integers(0, 3), st.integers(1, 3)),
        crowd=st.lists(st.tuples(somebody, somewhere, st.booleans()), min_size=5, max_size=12),
    )
    def publish_both(self, capacities: tuple[int, int], crowd: list[tuple[str, str, bool]]) -> None:
        """Begin where it gets interesting: with seats taken and a line."""
        for session, capacity in zip(SESSIONS, capacities, strict=True):
            self.change(session, capacity, is_cancelled=False, arrives=True)
        for who, session, auto in crowd:
            self.sign_up([(who, auto)], session)

    @rule(crowd=crowds, session=somewhere)
    def sign_up(self, crowd: list[tuple[str, bool]], session: str) -> None:
        """One, or several in one transaction: the same as one after another."""
        entries = [
            SignUp(who, f"{who}@example.org", "en", "Local 1", auto_confirm=auto)
            for who, auto in crowd
        ]
        self._both(
            lambda: [self.model.sign_up(who, session, auto, self.now) for who, auto in crowd],
            lambda db: [
                answer.registration
                for answer in sign_up_all(db, self.ids[session], entries, now=self.now)
            ],
        )

    @rule(who=somebody, session=somewhere)
    def crash_while_signing_up(self, who: str, session: str) -> None:
        entry = SignUp(who, f"{who}@example.org", "en", "Local 1")
        self._crash(lambda db: sign_up(db, self.ids[session], entry, now=self.now))

    @precondition(lambda self: self.model.places)
    @rule(number=nth)
    def give_up(self, number: int) -> None:
        self._to_place(number, lambda place: self.model.give_up(place, self.now), give_up)

    @precondition(lambda self: self._has("confirmed"))
    @rule(number=nth)
    def give_a_seat_up(self, number: int) -> None:
        number = self._one_that_is("confirmed", number)
        self._to_place(number, lambda place: self.model.give_up(place, self.now), give_up)

    @precondition(lambda self: self.model.places)
    @rule(number=nth)
    def crash_while_giving_up(self, number: int) -> None:
        _place, key = self._place(number)
        self._crash(lambda db: give_up(db, key, now=self.now))

    @precondition(lambda self: self._has("offered"))
    @rule(number=nth)
    def accept(self, number: int) -> None:
        number = self._one_that_is("offered", number)
        self._to_place(number, lambda place: self.model.accept(place, self.now), accept_offer)

    @precondition(lambda self: self._has("offered"))
    @rule(number=nth, seconds=st.sampled_from([-1, 0, 1]))
    def accept_at_the_last_moment(self, number: int, seconds: int) -> None:
        number = self._one_that_is("offered", number)
        until = self.model.places[number].until
        self.now = max(self.now, until + timedelta(seconds=seconds))
        self._to_place(number, lambda place: self.model.accept(place, self.now), accept_offer)

    @precondition(lambda self: self._has("offered"))
    @rule(number=nth)
    def decline(self, number: int) -> None:
        number = self._one_that_is("offered", number)
        self._to_place(number, lambda place: self.model.decline(place, self.now), decline_offer)

    @precondition(lambda self: self.model.places)
    @rule(number=nth)
    def accept_whatever_it_is(self, number: int) -> None:
        self._to_place(number, lambda place: self.model.accept(place, self.now), accept_offer)

    @precondition(lambda self: self.model.places)
    @rule(number=nth)
    def staff_cancel(self, number: int) -> None:
        change = lambda place: self.model.cancel(place, self.now)  # noqa: E731
        self._to_place(number, change, cancel_by_staff, **WHY)

    @precondition(lambda self: self._has("waiting"))
    @rule(number=nth, allow=st.booleans())
    def staff_confirm(self, number: int, allow: bool) -> None:
        change = lambda place: self.model.confirm(place, allow)  # noqa: E731
        self._to_place(number, change, confirm_by_staff, **WHY, over_capacity=allow)

    @precondition(lambda self: self._has("waiting"))
    @rule(number=nth, allow=st.booleans())
    def staff_offer(self, number: int, allow: bool) -> None:
        change = lambda place: self.model.offer(place, allow, self.now)  # noqa: E731
        self._to_place(number, change, offer_by_staff, **WHY, over_capacity=allow)

    @precondition(lambda self: self._has("waiting"))
    @rule(number=nth, back=st.booleans())
    def staff_hold(self, number: int, back: bool) -> None:
        change = lambda place: self.model.hold(place, back, self.now)  # noqa: E731
        self._to_place(number, change, hold_back if back else release, **WHY)

    @precondition(lambda self: self.model.places)
    @rule(number=nth, to=somewhere, allow=st.booleans())
    def staff_move(self, number: int, to: str, allow: bool) -> None:
        place, key = self._place(number)
        more = {**WHY, "over_capacity": allow, "now": self.now}
        self._both(
            lambda: self.model.move(self.model.reach(place), to, allow, self.now),
            lambda db: move_by_staff(db, key, self.ids[to], **more),
        )

    @rule(who=somebody)
    def erase(self, who: str) -> None:
        """All that somebody has, in both sessions; under the same name they can come again."""
        with self.runtime.database.writing() as db:
            ask_erasure(db, who_is(db, f"{who}@example.org"), actor="member", now=self.now)
        self.model.erase(who, self.now)

    @rule(
        session=somewhere,
        capacity=st.integers(0, 5),
        is_cancelled=st.sampled_from([False] * 15 + [True]),
        arrives=st.sampled_from([True, True, False]),
    )
    def change(self, session: str, capacity: int, is_cancelled: bool, arrives: bool) -> None:
        """The catalogue changes a session; what does not arrive now may later, or never."""
        sequence = 1 + sum(name == session for name, *_ in self.told)
        status = "cancelled" if is_cancelled else "published"
        ids = {"session_id": self.ids[session], "workshop_id": self.workshop}
        data = facts(**ids, capacity=capacity, status=status, closes_at=CLOSES)
        event = Event(
            id=new_id(),
            type=SESSION_CHANGED.type,
            source="catalog",
            subject=str(self.ids[session]),
            time=self.now,
            sequence=sequence,
            correlationid="machine",
            data=SESSION_CHANGED.dump(data),
        )
        self.told.append((session, event, data))
        if arrives:
            self._arrive(len(self.told) - 1)

    @rule(number=nth, copies=st.integers(1, 2))
    def any_event_arrives_again(self, number: int, copies: int) -> None:
        for _ in range(copies):
            self._arrive(number)

    @rule(hours=st.sampled_from([1] * 6 + [5] * 4 + [25] * 3 + [49] * 2 + [300]))
    def tick(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.model.tick(self.now)
        run_offers(self.runtime, self.now)

    @rule(hours=st.sampled_from([1, 5, 25, 49]))
    def time_passes_while_the_clock_is_down(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_product_is_where_the_model_is(self) -> None:
        type(self).steps += 1
        with self.runtime.database.reading() as db:
            rows = {row.id: row for row in db.execute(_PLACES)}
            assert len(rows) == len(self.model.places)
            for number, place in enumerate(self.model.places):
                row = rows[self.keys[number]]
                shown = (row.state, row.arrival, bool(row.hold_reason), row.over_capacity)
                assert shown == tuple(getattr(place, name) for name in SHOWN), place
                place.until = row.offered_until

    @invariant()
    def every_invariant_holds(self) -> None:
        if self.steps % self.asks_every == 0:
            self._ask()

    def teardown(self) -> None:
        self._ask()

    def _ask(self) -> None:
        """Ask all invariants but that an offer ends with its time, which is the clock's work."""
        with self.runtime.database.reading() as db:
            for each in INVARIANTS:
                if each.number != "I6":
                    assert each.broken_by(db, self.now) == [], each.sentence

    def _arrive(self, number: int) -> None:
        session, event, data = self.told[number % len(self.told)]
        is_cancelled = data["status"] == "cancelled"
        self.model.hear(session, event.sequence, data["capacity"], is_cancelled, self.now)
        self.runtime.inbox.receive(to_envelope(event), self.now)

    def _to_place(
        self,
        number: int,
        change: Callable[[Place], None],
        command: Callable[..., Any],
        **more: Any,
    ) -> None:
        """The same to one place in the model and in the product."""
        place, key = self._place(number)
        self._both(
            lambda: change(self.model.reach(place)),
            lambda db: command(db, key, **more, now=self.now),
        )

    def _both(self, change: Callable[[], Any], command: Callable[[Session], Any]) -> None:
        """Either both do it or both refuse; places that are new get their ids, in their order."""
        known = len(self.model.places)
        is_refused, done = False, None
        try:
            with self.runtime.database.writing() as db:
                done = command(db)
        except REFUSALS:
            is_refused = True
        try:
            change()
            assert not is_refused, "the product refused what the rules allow"
        except Refused:
            assert is_refused, "the product did what the rules refuse"
        added = range(known, len(self.model.places))
        rows = done if isinstance(done, list) else [done]
        new = [each.id for each in rows if added and each.id not in self.keys.values()]
        self.keys.update(zip(added, new, strict=True))

    def _crash(self, command: Callable[[Session], Any]) -> None:
        with suppress(Crash, *REFUSALS), self.runtime.database.writing() as db:
            command(db)
            db.flush()
            raise Crash

    def _place(self, number: int) -> tuple[Place, UUID]:
        number %= len(self.model.places)
        return self.model.places[number], self.keys[number]

    def _has(self, state: str) -> bool:
        return any(each.state == state for each in self.model.places)

    def _one_that_is(self, state: str, number: int) -> int:
        numbers = [n for n, each in enumerate(self.model.places) if each.state == state]
        return numbers[number % len(numbers)]


_PLACES = sa.select(
    Registration.id,
    Registration.state,
    Registration.arrival,
    Registration.hold_reason,
    Registration.over_capacity,
    Registration.offered_until,
)
