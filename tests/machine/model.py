"""What must become of places, by the rules alone: no database, no events, no clock."""

from dataclasses import dataclass, field
from datetime import datetime

LIVE, HOLDING = ("waiting", "offered", "confirmed"), ("offered", "confirmed")


class Refused(Exception):
    """The rules do not allow what was asked."""


@dataclass
class Place:
    """Somebody's place in a session; `until` is copied from the product when it offers."""

    who: str
    session: str
    arrival: int
    auto: bool = False
    state: str = "waiting"
    held_back: bool = False
    over: bool = False
    until: datetime | None = None


@dataclass
class Model:
    """Two sessions, their seats, and everybody's places in the order in which they signed up."""

    closes_at: datetime
    over_at: datetime
    capacity: dict[str, int]
    sequence: dict[str, int] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    places: list[Place] = field(default_factory=list)

    def sign_up(self, who: str, session: str, auto: bool, now: datetime) -> Place:
        self._need(self._is_open(session, now))
        for place in self._in(session, *LIVE):
            if place.who == who:
                return place
        return self._join(who, session, auto, "confirmed" if self._free(session) else "waiting")

    def give_up(self, place: Place, now: datetime) -> None:
        left = {"waiting": "left", "offered": "declined", "confirmed": "cancelled"}
        if place.state in LIVE:
            self._need(now < self.over_at)
            self._end(place, left[place.state], now)

    def accept(self, place: Place, now: datetime) -> None:
        if place.state != "confirmed":
            self._need(place.state == "offered" and place.until is not None and place.until > now)
            place.state = "confirmed"

    def decline(self, place: Place, now: datetime) -> None:
        self._need(place.state in ("offered", "declined"))
        if place.state == "offered":
            self._end(place, "declined", now)

    def cancel(self, place: Place, now: datetime) -> None:
        self._need(place.state in LIVE)
        self._end(place, "cancelled", now)

    def confirm(self, place: Place, allow: bool) -> None:
        self._need(place.state in ("waiting", "offered"))
        self._seat(place, "confirmed", allow)

    def offer(self, place: Place, allow: bool, now: datetime) -> None:
        self._need(place.state == "waiting" and self._is_open(place.session, now))
        self._seat(place, "offered", allow)

    def hold(self, place: Place, back: bool, now: datetime) -> None:
        self._need(place.state == "waiting")
        place.held_back = back
        self._fill(place.session, now)

    def move(self, place: Place, to: str, allow: bool, now: datetime) -> Place:
        there = [each for each in self._in(to, *LIVE) if each.who == place.who]
        self._need(to != place.session and place.state in LIVE and to not in self.cancelled)
        self._need(now < self.over_at)
        self._need(not there and (allow or self._free(to) > 0))
        new = self._join(place.who, to, place.auto, "confirmed", over=not self._free(to))
        self._end(place, "cancelled", now)
        return new

    def reach(self, place: Place) -> Place:
        """A place that is nobody's is reached by nobody."""
        self._need(place.who != "")
        return place

    def erase(self, who: str, now: datetime) -> None:
        """End what has not begun, in the order of sign-up, and let nobody know whose it was."""
        for place in [each for each in self.places if each.who == who]:
            if place.state in LIVE and now < self.closes_at:
                self._end(place, "left" if place.state == "waiting" else "cancelled", now)
            place.who = ""
        for place in self.places:
            place.held_back = place.held_back and place.who != ""

    def hear(self, session: str, sequence: int, capacity: int, cancelled: bool, now: datetime):
        if sequence <= self.sequence.get(session, 0):
            return
        self.sequence[session], self.capacity[session] = sequence, capacity
        was_cancelled = session in self.cancelled
        (self.cancelled.add if cancelled else self.cancelled.discard)(session)
        if cancelled and not was_cancelled:
            for place in self._in(session, *LIVE):
                place.state = "cancelled"
        self._fill(session, now)

    def tick(self, now: datetime) -> None:
        late = [each for each in self.places if each.state == "offered" and each.until <= now]
        for place in sorted(late, key=lambda each: each.until):
            self._end(place, "lapsed", now)
        if now >= self.closes_at:
            for place in self.places:
                place.state = "closed" if place.state == "waiting" else place.state

    def _join(self, who: str, session: str, auto: bool, state: str, *, over: bool = False) -> Place:
        arrival = 1 + sum(each.session == session for each in self.places)
        self.places.append(Place(who, session, arrival, auto, state, over=over))
        return self.places[-1]

    def _seat(self, place: Place, state: str, allow: bool) -> None:
        if place.state == "waiting":
            is_over = not self._free(place.session)
            self._need(allow or not is_over)
            place.over = is_over
        place.state = state

    def _end(self, place: Place, state: str, now: datetime) -> None:
        place.state = state
        self._fill(place.session, now)

    def _fill(self, session: str, now: datetime) -> None:
        line = [each for each in self._in(session, "waiting") if not each.held_back]
        for place in line[: self._free(session)] if self._is_open(session, now) else ():
            place.state = "confirmed" if place.auto else "offered"

    def _free(self, session: str) -> int:
        return max(self.capacity[session] - len(self._in(session, *HOLDING)), 0)

    def _is_open(self, session: str, now: datetime) -> bool:
        return session not in self.cancelled and now < self.closes_at

    def _in(self, session: str, *states: str) -> list[Place]:
        return [each for each in self.places if each.session == session and each.state in states]

    @staticmethod
    def _need(is_so: bool) -> None:
        if not is_so:
            raise Refused
