"""Sign-ups for one session that come together are written together.

While one transaction is being written others arrive, and the next one takes them all: one lock,
one count and one commit. In a rush each waits for one transaction instead of for a dozen.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Event, Lock
from uuid import UUID

import sqlalchemy as sa

from services.chassis.db import Database
from services.chassis.log import correlation_id
from services.registration.answers import Answer, NotBookable, Outcome, Request, SignUp
from services.registration.seats import UnknownSession, lock_session
from services.registration.signing_up import sign_up


@dataclass(eq=False)
class _Waiting:
    """Somebody's request; woken when it has been answered, or when it is theirs to write."""

    request: Request
    answer: Future[Answer] = field(default_factory=Future)
    woken: Event = field(default_factory=Event)

    def tell(self, outcome: Outcome | Exception) -> None:
        if isinstance(outcome, Answer):
            self.answer.set_result(outcome)
        else:
            self.answer.set_exception(outcome)
        self.woken.set()


_queues: dict[tuple[Database, UUID], list[_Waiting]] = {}
"""Who waits in this process, by session; there is none where nobody is writing."""

_changing = Lock()


def sign_up_together(
    database: Database, session_id: UUID, entry: SignUp, *, key: str = "", now: datetime
) -> Answer:
    """Sign somebody up, in one transaction with whoever else is waiting for the same session.

    NotBookable when the session takes no sign-ups, KeyUsedOtherwise.
    """
    mine = _Waiting(Request(entry, key, correlation_id()))
    if not _is_first(database, session_id, mine):
        mine.woken.wait()
    if not mine.answer.done():
        _write_for_all(database, session_id, mine, now)
    return mine.answer.result()


def _is_first(database: Database, session_id: UUID, mine: _Waiting) -> bool:
    with _changing:
        is_first = (database, session_id) not in _queues
        _queues.setdefault((database, session_id), []).append(mine)
    return is_first


def _write_for_all(database: Database, session_id: UUID, mine: _Waiting, now: datetime) -> None:
    """Write until our own request is answered; then it is for the next who waits."""
    queue = _queues[database, session_id]
    try:
        while not mine.answer.done():
            _write(database, session_id, partial(_take, queue), now)
    finally:
        with _changing:
            if queue:
                queue[0].woken.set()
            else:
                del _queues[database, session_id]


def _take(queue: list[_Waiting]) -> list[_Waiting]:
    """All who wait, but those who share a key or an address with one before them."""
    seen: set[str] = set()
    taken = []
    with _changing:
        for each in list(queue):
            marks = {f"key:{each.request.key or id(each)}", each.request.entry.person_key}
            if not marks & seen:
                taken.append(each)
                queue.remove(each)
            seen |= marks
    return taken


def _write(
    database: Database, session_id: UUID, take: Callable[[], list[_Waiting]], now: datetime
) -> None:
    """Answer whoever waits by the time that the session is ours.

    Where one breaks the transaction each gets their own; but not when the database is away.
    """
    taken: list[_Waiting] = []
    try:
        with database.writing() as db:
            session = lock_session(db, session_id)
            taken = take()
            outcomes = sign_up(db, session, [each.request for each in taken], now=now)
    except UnknownSession as problem:
        _tell(take(), NotBookable(problem.reason))
    except sa.exc.OperationalError as problem:
        _tell(taken or take(), problem)
    except Exception as problem:
        if len(taken) > 1:
            for each in taken:
                _write(database, session_id, [each].copy, now)
        else:
            _tell(taken or take(), problem)
    else:
        for each, outcome in zip(taken, outcomes, strict=True):
            each.tell(outcome)


def _tell(waiting: Sequence[_Waiting], problem: Exception) -> None:
    for each in waiting:
        each.tell(problem)
