"""Reconciling: asks every invariant of the databases, each by itself and then all together."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.joined_invariants import JOINED_INVARIANTS, Databases
from services.chassis.audit_invariants import the_audit_log_is_whole
from services.chassis.delivery_invariants import DELIVERY_INVARIANTS
from services.chassis.invariants import Invariant, Offence
from services.chassis.service import Runtime

BETWEEN = "between services"


@dataclass(frozen=True)
class Answer:
    """What an invariant of a service, or one between services, said of the databases."""

    service: str
    invariant: Invariant[Any]
    broken_by: Sequence[str]

    def offences(self) -> list[Offence]:
        """One for each row that breaks it."""
        names = ("number", "name", "about", "wrong", "cure")
        known = {name: getattr(self.invariant, name) for name in names}
        return [Offence(service=self.service, key=key, **known) for key in self.broken_by]


def examine(runtimes: Mapping[str, Runtime], now: datetime) -> Iterator[Answer]:
    """Ask every invariant there is; what is younger than five minutes may still be on its way.

    Where all is known to be quiet, a `now` that is five minutes on looks at everything.
    """
    for name, runtime in runtimes.items():
        for each in (*DELIVERY_INVARIANTS, the_audit_log_is_whole, *runtime.service.invariants):
            with runtime.database.reading() as db:
                yield Answer(name, each, each.broken_by(db, now))
    for joined in JOINED_INVARIANTS:
        with _reading_all(runtimes) as dbs:
            yield Answer(BETWEEN, joined, joined.broken_by(dbs, now))


@contextmanager
def _reading_all(runtimes: Mapping[str, Runtime]) -> Iterator[Databases]:
    """All databases at once; each is seen as it is when it is first asked something."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(runtime.database.reading())
            for name, runtime in runtimes.items()
        }
