"""Mail that comes back over SMTP: read, noted with its delivery, told to staff, once."""

import mailbox
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from infra.cli import turnout
from services.chassis.ids import new_id
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.notify.bounces import UNREAD, read_bounce
from services.notify.models import Suppression
from services.notify.status_codes import is_no_such_address
from tests.notify import bounce_samples as samples
from tests.notify.factories import NOW, confirmed
from tests.notify.post import deliveries, receive, send_all

Sample = Callable[[UUID], bytes]
MAIL = UUID("018f0000-0000-7000-8000-0000000000aa")
LATER = datetime(2026, 2, 11, tzinfo=UTC)


def bounce(runtime: Runtime, *arguments: str, **options: bytes) -> Result:
    url = runtime.settings.database_urls["notify"]
    environ = {"TURNOUT_DATA": str(runtime.settings.data), "TURNOUT_NOTIFY_DATABASE_URL": url}
    return CliRunner().invoke(turnout, ["bounces", *arguments], env=environ, **options)


def a_sent_mail(runtime: Runtime) -> UUID:
    receive(runtime, confirmed())
    send_all(runtime)
    return deliveries(runtime)[0].id


def told(runtime: Runtime) -> list[Mapping[str, str]]:
    """What registration hears of mail that did not arrive."""
    with runtime.database.reading() as db:
        query = sa.select(OutboxRow.envelope).where(OutboxRow.type == "message.bounced.v1")
        return [each["data"] for each in db.scalars(query)]


def suppressed(runtime: Runtime) -> list[str]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(Suppression.address_key)))


@pytest.mark.parametrize(
    ("sample", "kind", "words"),
    [
        (samples.postfix, "bounce", "550 5.1.1 <ann.lee@example.org>: Recipient address"),
        (samples.exchange, "bounce", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient"),
        (samples.gmail, "blocked", "552-5.2.2 The email account that you tried"),
        (samples.french, "bounce", "5.0.0 550 Destinataire inconnu"),
        (samples.by_envelope, "blocked", "550 5.7.1 Message rejected as spam"),
        (samples.international, "bounce", "550 5.1.1 no such user"),
        (samples.in_prose, UNREAD, "Hi. This is the qmail-send program"),
    ],
)
def test_each_server_s_form_is_read(sample: Sample, kind: str, words: str) -> None:
    report = read_bounce(sample(MAIL), LATER)
    assert report is not None
    assert (report.delivery_id, report.kind) == (MAIL, kind)
    assert report.words.startswith(words)
    assert report.at.date() == NOW.date()


@pytest.mark.parametrize(
    ("status", "action", "kind"),
    [
        ("4.4.1", "delayed", "deferred"),
        ("2.0.0", "delivered", "delivered"),
        ("2.0.0", "relayed", "processed"),
        ("2.0.0", "expanded", "processed"),
        ("5.0.0", "invented", UNREAD),
    ],
)
def test_not_every_notification_is_of_a_failure(status: str, action: str, kind: str) -> None:
    report = read_bounce(samples.postfix(MAIL, status=status, action=action), LATER)
    assert report is not None
    assert report.kind == kind


@pytest.mark.parametrize(
    ("words", "is_dead"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist", True),
        ("550 5.1.2 host unknown", True),
        ("553 5.1.3 bad syntax", True),
        ("550 5.4.1 Recipient address rejected: Access denied", True),
        ("550 5.2.1 The email account that you tried to reach is disabled", True),
        ("550 No such user here", True),
        ("550 5.0.0 Utilisateur inconnu", True),
        ("550 5.0.0 Boîte aux lettres inexistante", True),
        ("550 5.2.1 The user you are trying to contact is receiving mail at a rate that", False),
        ("550 5.1.8 Sender address rejected: domain not found", False),
        ("550 5.7.1 user unknown to our reputation service", False),
        ("550 5.7.26 unauthenticated mail", False),
        ("552 5.2.2 mailbox full", False),
        ("554 5.4.1 relaying denied", False),
        ("451 4.3.0 try later", False),
        ("550 rejected", False),
    ],
)
def test_an_address_that_does_not_exist_is_told_from_a_mail_that_is_not_wanted(
    words: str, is_dead: bool
) -> None:
    assert is_no_such_address(words) is is_dead


@pytest.mark.parametrize("content", [samples.JUNK, samples.absence(MAIL), b"", b"\x00\xff" * 50])
def test_other_mail_is_no_bounce(content: bytes) -> None:
    assert read_bounce(content, NOW) is None


def test_a_bounce_of_somebody_elses_mail_is_none_of_ours() -> None:
    foreign = samples.postfix(MAIL).replace(str(MAIL).encode(), b"CAF=something")
    assert read_bounce(foreign, NOW) is None


@given(st.binary(max_size=300), st.integers(0, 1500))
def test_nonsense_in_a_bounce_stops_nothing(noise: bytes, place: int) -> None:
    content = samples.postfix(MAIL)
    found = read_bounce(content[:place] + noise + content[place:], NOW)
    assert found is None or found.delivery_id == MAIL


def test_a_mail_nested_without_end_stops_nothing() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (each, each)
        for each in range(3000)
    )
    assert read_bounce(nested, NOW) is None


@pytest.mark.parametrize(
    "written",
    [
        *("nonsense", "Thu, 01 Jan 1970 00:00:00 +0000", "", "-"),
        *("Mon, 1 Jan 2024 00:00:00 +99999999999999", "Mon, 1 Jan 99999999999 00:00:00 +0000"),
    ],
)
def test_a_date_that_cannot_be_is_now(written: str) -> None:
    content = samples.postfix(MAIL).replace(b"Tue, 10 Feb 2026 15:00:05 +0000", written.encode())
    report = read_bounce(content, NOW)
    assert report is not None
    assert report.at == NOW


def test_a_clock_that_runs_ahead_is_not_believed() -> None:
    early = NOW - timedelta(days=1)
    report = read_bounce(samples.postfix(MAIL), early)
    assert report is not None
    assert report.at == early


def test_a_bounce_is_noted_told_once_and_spares_the_address(
    runtime: Runtime, tmp_path: Path
) -> None:
    mail = a_sent_mail(runtime)
    (tmp_path / "one.eml").write_bytes(samples.postfix(mail))
    for outcome in ("noted", "known already"):
        result = bounce(runtime, str(tmp_path / "one.eml"))
        assert result.exit_code == 0
        assert result.output == (
            f"one.eml: no such address of mail {mail}, {outcome}\n1 {outcome}.\n"
        )
        (delivery,) = deliveries(runtime)
        assert delivery.state == "bounced"
        assert delivery.error.startswith("550 5.1.1")
        (event,) = told(runtime)
        assert (event["reason"], event["message_id"]) == ("hard_bounce", str(mail))
        assert suppressed(runtime) == ["ann.lee@example.org"]


def test_a_mail_that_was_turned_away_spares_no_address(runtime: Runtime) -> None:
    result = bounce(runtime, "-", input=samples.by_envelope(a_sent_mail(runtime)))
    assert "standard input: blocked of mail" in result.output
    assert deliveries(runtime)[0].state == "bounced"
    assert told(runtime)[0]["reason"] == "blocked"
    assert suppressed(runtime) == []


def test_a_delay_changes_nothing_and_a_delivery_is_noted(runtime: Runtime) -> None:
    mail = a_sent_mail(runtime)
    bounce(runtime, input=samples.postfix(mail, status="4.4.1", action="delayed"))
    assert deliveries(runtime)[0].state == "accepted"
    bounce(runtime, input=samples.postfix(mail, status="2.0.0", action="delivered"))
    assert deliveries(runtime)[0].state == "delivered"
    bounce(runtime, input=samples.exchange(mail))
    assert deliveries(runtime)[0].state == "bounced"


def test_a_bounce_in_prose_is_kept_and_not_guessed_from(runtime: Runtime) -> None:
    result = bounce(runtime, input=samples.in_prose(a_sent_mail(runtime)))
    assert "kept unread" in result.output
    assert deliveries(runtime)[0].state == "accepted"
    assert told(runtime) == []


def test_a_mail_that_is_not_known_is_said_to_be_so(runtime: Runtime) -> None:
    result = bounce(runtime, input=samples.postfix(new_id()))
    assert result.exit_code == 0
    assert "of a mail that we do not know" in result.output


def test_a_folder_of_messages_is_read_and_other_mail_is_left(
    runtime: Runtime, tmp_path: Path
) -> None:
    mail = a_sent_mail(runtime)
    for name, content in (("a", samples.JUNK), ("b", samples.gmail(mail))):
        (tmp_path / f"{name}.eml").write_bytes(content)
    (tmp_path / "notes.txt").write_text("not mail")
    result = bounce(runtime, str(tmp_path))
    assert result.output.splitlines() == [
        "a.eml: not about our mail",
        f"b.eml: blocked of mail {mail}, noted",
        "1 not about our mail, 1 noted.",
    ]
    assert (tmp_path / "a.eml").exists()


@pytest.mark.parametrize("kind", [mailbox.Maildir, mailbox.mbox])
def test_both_forms_of_a_mailbox_on_disk_are_read(
    runtime: Runtime, tmp_path: Path, kind: type[mailbox.Mailbox[mailbox.Message]]
) -> None:
    mail, path = a_sent_mail(runtime), tmp_path / "box"
    box = kind(str(path))
    for content in (samples.JUNK, samples.french(mail), samples.JUNK):
        box.add(content)
    box.flush()
    box.close()
    result = bounce(runtime, str(path))
    assert result.output.splitlines()[-1].count("1 noted") == 1
    assert "2 not about our mail" in result.output
    assert suppressed(runtime) == ["ann.lee@example.org"]


def test_no_address_and_no_word_of_the_mail_is_printed(runtime: Runtime) -> None:
    result = bounce(runtime, input=samples.postfix(a_sent_mail(runtime)))
    assert "ann" not in result.output.lower()


def test_a_place_that_cannot_be_read_is_named(runtime: Runtime) -> None:
    result = bounce(runtime, "/no/such/place")
    assert result.exit_code == 1
    assert "/no/such/place cannot be read" in result.output


def test_a_mail_server_is_told_to_come_again_while_the_database_is_away(tmp_path: Path) -> None:
    environ = {"TURNOUT_DATA": str(tmp_path / "none" / "such")}
    result = CliRunner().invoke(turnout, ["bounces", "-"], env=environ, input=samples.postfix(MAIL))
    assert result.exit_code == 75
