"""Mail is kept as long as the table says, and what became of it for longer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import retention
from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.notify.commands import FACTS_FORGOTTEN, MustNotGoOut, copy_to
from services.notify.models import Attempt, Delivery, ProviderEvent, SentCopy, Suppression
from services.notify.reports import Report, receive_reports
from services.notify.suppressions import ALL, suppress
from tests.notify.factories import NOW, a_session, confirmed, days, notice, roster
from tests.notify.post import receive, send_all
from tests.retention import forget_all

OVER = NOW.replace(month=3, day=1, hour=5)
"""The end of the last day of the factories' session, 28 February and 1 March, in Toronto."""


def rows(runtime: Runtime, table: Any) -> list[Any]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(table)))


def files(runtime: Runtime) -> list[Path]:
    return list((runtime.settings.data / "mail").glob("*.eml"))


def test_a_message_is_forgotten_after_ninety_days_and_its_history_stays(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    receive(runtime, confirmed(registration_id=new_id()), at=NOW + timedelta(days=1))
    send_all(runtime, NOW + timedelta(days=1))
    forget_all(runtime, NOW + timedelta(days=90))
    assert len(rows(runtime, SentCopy)) == len(files(runtime)) == 2
    forget_all(runtime, NOW + timedelta(days=90, seconds=1))
    assert len(rows(runtime, SentCopy)) == len(files(runtime)) == 1
    assert len(rows(runtime, Delivery)) == len(rows(runtime, Attempt)) == 2


def test_a_first_purge_of_many_takes_a_few_at_a_time(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _number in range(3):
        receive(runtime, confirmed(registration_id=new_id()))
    send_all(runtime)
    # Of each mail its copy, its facts and its try.
    assert forget_all(runtime, NOW + timedelta(days=91)) == [6, 3]
    assert forget_all(runtime, NOW + timedelta(days=91)) == []


def test_the_telephones_of_a_roster_are_forgotten_thirty_days_after_it_was_sent(
    runtime: Runtime,
) -> None:
    receive(runtime, roster())
    send_all(runtime)
    forget_all(runtime, NOW + timedelta(days=29))
    assert rows(runtime, Delivery)[0].context["lines"][0]["phone"] == "+14165550142"
    forget_all(runtime, NOW + timedelta(days=31))
    assert list(rows(runtime, Delivery)[0].context) == ["session"]
    assert rows(runtime, SentCopy) == files(runtime) == []


def test_what_a_mail_was_written_from_is_kept_until_thirty_days_after_the_workshop(
    runtime: Runtime,
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    last = OVER + timedelta(days=31)
    forget_all(runtime, last - timedelta(seconds=1))
    assert "recipient" in rows(runtime, Delivery)[0].context
    forget_all(runtime, last + timedelta(seconds=1))
    [delivery] = rows(runtime, Delivery)
    assert set(delivery.context) == {"registration_id", "link_version", "status", "session"}
    assert set(delivery.context["session"]) == {"title"}
    with (
        runtime.database.writing() as db,
        pytest.raises(MustNotGoOut, match=FACTS_FORGOTTEN),
    ):
        copy_to(db, delivery.id, "other@example.org", now=last)


def test_of_a_session_that_was_put_off_the_facts_are_kept_longer(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    later = a_session(days=days(OVER.date() + timedelta(days=100)), calendar_sequence=1)
    receive(runtime, notice(session=later), sequence=2)
    forget_all(runtime, OVER + timedelta(days=60))
    assert all("recipient" in each.context for each in rows(runtime, Delivery))
    forget_all(runtime, OVER + timedelta(days=140))
    assert not any("recipient" in each.context for each in rows(runtime, Delivery))


def test_after_two_years_the_log_keeps_what_happened_and_to_nobody(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    [sent] = rows(runtime, Delivery)
    words = "550 no such user ann.lee@example.org"
    report = Report("r1", "blocked", NOW, delivery_id=sent.id, words=words)
    receive_reports(runtime.database, [report], NOW)
    forget_all(runtime, NOW.replace(year=NOW.year + 2) + timedelta(seconds=1))
    [delivery], [attempt], [known] = (
        rows(runtime, each) for each in (Delivery, Attempt, ProviderEvent)
    )
    assert delivery.recipient_name == delivery.recipient_email == delivery.mail_subject == ""
    assert "ann" not in delivery.search_text
    assert (delivery.error, attempt.address, attempt.words, known.words) == ("", "", "", "")
    assert (delivery.state, delivery.kind, known.kind) == ("bounced", "confirmed", "blocked")


def test_an_address_that_gets_no_mail_is_kept_while_it_gets_none(runtime: Runtime) -> None:
    until = NOW + timedelta(days=10)
    with runtime.database.writing() as db:
        suppress(db, "a@example.org", stream=ALL, reason="hard_bounce", now=NOW, until=until)
        suppress(db, "b@example.org", stream=ALL, reason="spam_report", now=NOW)
    forget_all(runtime, until + timedelta(days=91))
    assert [each.address_key for each in rows(runtime, Suppression)] == ["b@example.org"]
