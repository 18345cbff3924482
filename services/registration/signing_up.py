"""Signing up: people ask for a seat and get it, or a place in line, in one transaction."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_all_new, insert_rows, table_of
from services.chassis.ids import new_id
from services.chassis.outbox import News, publish_all
from services.contracts.registrations import (
    REGISTRATION_CONFIRMED,
    REGISTRATION_REPEATED,
    REGISTRATION_WAITLISTED,
)
from services.registration.answers import (
    Answer,
    KeyUsedOtherwise,
    NotBookable,
    Outcome,
    Request,
    SignUp,
)
from services.registration.consent import agree_to_announcements
from services.registration.fees import fee_for, today
from services.registration.history import MEMBER, entry_of, note, note_all
from services.registration.models import (
    CONFIRMED,
    LIVE,
    WAITING,
    HistoryEntry,
    Need,
    Organisation,
    Person,
    Registration,
    StoredAnswer,
    WorkshopSession,
)
from services.registration.newcomers import acquaintances_at, newcomers_at
from services.registration.preferences import ANSWERS_BY_MAIL, chosen
from services.registration.seats import (
    crowd_of,
    is_open,
    next_arrivals,
    place_in_line,
    seats_news,
)
from services.registration.telling import news_of, tell

REPEAT_MAIL_EVERY = timedelta(hours=1)
_LIVE = sa.select(Registration).where(
    Registration.session_id == sa.bindparam("session_id"),
    Registration.person_id.in_(sa.bindparam("people", expanding=True)),
    Registration.state.in_(LIVE),
)
_answers = table_of(StoredAnswer)
_STORED = sa.select(_answers).where(_answers.c.key.in_(sa.bindparam("keys", expanding=True)))


def sign_up(
    db: Session, session: WorkshopSession, requests: Sequence[Request], *, now: datetime
) -> list[Outcome]:
    """Give each a seat or a place in line, in their order; the same key has the same answer again.

    Call it with the session locked, and with no two requests of one key or of one person.
    KeyUsedOtherwise is raised, and nothing may be committed, when a sign-up for another session
    has taken a key at the same moment.
    """
    desk = _Desk(db, session, now, chosen(db, ANSWERS_BY_MAIL))
    outcomes = desk.answered_before(requests)
    new = [each for each in requests if each not in outcomes]
    try:
        bookable(session, now)
    except NotBookable as problem:
        return [outcomes.get(each, problem) for each in requests]
    if new:
        outcomes |= desk.answer(new)
    return [outcomes[each] for each in requests]


def was_answered(db: Session, key: str) -> bool:
    """Whether a sign-up with this key has been answered, so that this one is the same again."""
    return db.get(StoredAnswer, key) is not None


def bookable(session: WorkshopSession | None, now: datetime) -> WorkshopSession:
    """The session itself; NotBookable with the reason when it takes no sign-ups."""
    if session is None:
        raise NotBookable("unknown")
    if session.status == "cancelled":
        raise NotBookable("cancelled")
    if session.starts_at <= now and session.facts["days"][0]["starts"]:
        raise NotBookable("past")
    if not is_open(session, now):
        raise NotBookable("closed")
    return session


@dataclass(frozen=True)
class _Desk:
    """Where the sign-ups for one session are dealt with while its row is ours."""

    db: Session
    session: WorkshopSession
    now: datetime
    by_mail: bool

    def answered_before(self, requests: Sequence[Request]) -> dict[Request, Outcome]:
        """What those are told whose key has an answer."""
        by_key = {each.key: each for each in requests if each.key}
        rows = self.db.execute(_STORED, {"keys": list(by_key)}) if by_key else ()
        return {by_key[row.key]: self._same_again(by_key[row.key], row) for row in rows}

    def answer(self, requests: Sequence[Request]) -> dict[Request, Answer]:
        """Deal with those that have had no answer, and keep it for their keys."""
        people = newcomers_at(self.db, [each.entry.email for each in requests], self.now)
        others = [each.entry.email for each in requests if each.entry.person_key not in people]
        known = acquaintances_at(self.db, others)
        live = self._live(known.values())
        answers = {
            each: self._repeated(live[each.entry.person_key])
            for each in requests
            if each.entry.person_key in live
        }
        new = [each for each in requests if each not in answers]
        if new:
            answers |= self._registered(new, people | known)
        self._store(answers)
        return answers

    def _live(self, people: Iterable[Person]) -> dict[str, Registration]:
        """Those of them who have a place in this session, by casefolded address."""
        known = [each.id for each in people]
        mine = {"session_id": self.session.id, "people": known}
        found = self.db.scalars(_LIVE, mine) if known else ()
        return {each.person.email_key: each for each in found}

    def _same_again(self, request: Request, row: sa.Row[Any]) -> Outcome:
        if row.digest != _digest(self.session.id, request.entry):
            return KeyUsedOtherwise(request.key)
        registration = self.db.get_one(Registration, row.registration_id)
        place = place_in_line(self.db, registration)
        return Answer(registration, place, row.repeated, self.by_mail)

    def _repeated(self, registration: Registration) -> Answer:
        """Send the details to the address they belong to, at most once an hour."""
        place = place_in_line(self.db, registration)
        lately = sa.select(HistoryEntry.id).where(
            HistoryEntry.registration_id == registration.id,
            HistoryEntry.action == "repeated",
            HistoryEntry.at > self.now - REPEAT_MAIL_EVERY,
        )
        if self.db.scalar(lately.limit(1)) is None:
            note(self.db, registration, "repeated", now=self.now, actor=MEMBER)
            tell(self.db, REGISTRATION_REPEATED, registration, now=self.now, place=place)
        return Answer(registration, place, repeated=True, by_mail=self.by_mail)

    def _registered(
        self, requests: Sequence[Request], people: dict[str, Person]
    ) -> dict[Request, Answer]:
        crowd = crowd_of(self.db, self.session.id)
        seated = min(crowd.free(self.session), len(requests))
        arrivals = next_arrivals(self.db, self.session, len(requests))
        new = [
            self._registration(each.entry, people[each.entry.person_key], arrival)
            for each, arrival in zip(requests, arrivals, strict=True)
        ]
        for each in new[:seated]:
            each.state, each.confirmed_at = CONFIRMED, self.now
        insert_rows(self.db, new)
        answers = dict(zip(requests, self._with_places(new), strict=True))
        note_all(self.db, [entry for each in new for entry in self._entries(each)])
        self._keep_what_they_said(answers)
        news = [self._news(*each) for each in answers.items()]
        news.append(seats_news(self.session, crowd.joined(seated, len(new) - seated)))
        publish_all(self.db, news, now=self.now)
        return answers

    def _registration(self, entry: SignUp, person: Person, arrival: int) -> Registration:
        local = self.db.get(Organisation, entry.organisation_id) if entry.organisation_id else None
        fee = fee_for(self.session.facts, local, today(self.now))
        return Registration(
            id=new_id(),
            session_id=self.session.id,
            person_id=person.id,
            person=person,
            organisation_id=local.id if local else None,
            organisation_name=local.name if local else entry.organisation_name,
            name=entry.name,
            role=entry.role,
            language=entry.language,
            phone=entry.phone,
            phone_on_roster=entry.phone_on_roster,
            auto_confirm=entry.auto_confirm,
            state=WAITING,
            arrival=arrival,
            joined_at=self.now,
            fee_cents=fee.cents,
            fee_rule=fee.rule,
        )

    def _with_places(self, new: Sequence[Registration]) -> Iterator[Answer]:
        """They stand one behind another, in the order of their arrival."""
        place = None
        for each in new:
            if each.state == WAITING:
                place = place + 1 if place else place_in_line(self.db, each)
            yield Answer(each, place, repeated=False, by_mail=self.by_mail)

    def _keep_what_they_said(self, answers: dict[Request, Answer]) -> None:
        needs = []
        for request, answer in answers.items():
            if text := request.entry.needs:
                needs.append(Need(registration_id=answer.registration.id, text=text))
            if request.entry.announcements:
                agree_to_announcements(self.db, answer.registration, now=self.now)
        insert_rows(self.db, needs)

    def _entries(self, registration: Registration) -> Iterator[dict[str, Any]]:
        yield entry_of(registration, "signed_up", now=self.now, actor=MEMBER)
        if registration.state == CONFIRMED:
            yield entry_of(registration, "confirmed", now=self.now, actor=MEMBER)

    def _news(self, request: Request, answer: Answer) -> News:
        what: dict[str, Any] = {"correlation": request.correlation}
        if answer.place is None:
            return news_of(REGISTRATION_CONFIRMED, answer.registration, self.session, **what)
        what |= {"place": answer.place, "auto_confirm": request.entry.auto_confirm}
        return news_of(REGISTRATION_WAITLISTED, answer.registration, self.session, **what)

    def _store(self, answers: dict[Request, Answer]) -> None:
        rows = [
            {
                "key": request.key,
                "digest": _digest(self.session.id, request.entry),
                "registration_id": answer.registration.id,
                "repeated": answer.repeated,
                "created_at": self.now,
            }
            for request, answer in answers.items()
            if request.key
        ]
        if rows and len(insert_all_new(self.db, StoredAnswer, rows)) < len(rows):
            raise KeyUsedOtherwise


def _digest(session_id: UUID, entry: SignUp) -> str:
    text = json.dumps([str(session_id), vars(entry)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
