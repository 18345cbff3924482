"""Messages as they were sent are kept for ninety days, and what became of them for longer."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.notify import retention
from services.notify.app import SERVICE
from services.notify.models import Attempt, Delivery, SentCopy
from services.notify.retention import forget_old_messages
from tests.notify.factories import NOW, confirmed
from tests.notify.post import receive, send_all


def count(runtime: Runtime, table: Any) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_message_is_forgotten_after_ninety_days_and_its_history_stays(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    receive(runtime, confirmed(registration_id=new_id()), at=NOW + timedelta(days=1))
    send_all(runtime, NOW + timedelta(days=1))
    assert forget_old_messages(runtime, NOW + timedelta(days=90)) == 0
    assert forget_old_messages(runtime, NOW + timedelta(days=90, seconds=1)) == 1
    assert count(runtime, SentCopy) == 1
    assert count(runtime, Delivery) == count(runtime, Attempt) == 2


def test_many_are_forgotten_a_few_at_a_time(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _number in range(3):
        receive(runtime, confirmed(registration_id=new_id()))
    send_all(runtime)
    later = NOW + timedelta(days=91)
    assert [forget_old_messages(runtime, later) for _turn in range(3)] == [2, 1, 0]


def test_the_clock_forgets() -> None:
    (loop,) = [each for each in SERVICE.loops if each.step is forget_old_messages]
    assert loop.leased
