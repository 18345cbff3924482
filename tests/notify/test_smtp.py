"""Mail through a real SMTP server that accepts, refuses, is away, or hangs up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.ids import new_id
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.wrong_setting import WrongSetting
from services.notify.failures import OutcomeUnknown, PermanentFailure, TemporaryFailure
from services.notify.letterhead import sender_of
from services.notify.message import Mail, Mailbox, mailbox
from services.notify.models import Letterhead, Suppression
from services.notify.transports import transport_for
from services.notify.transports.smtp import Server, Smtp
from tests.databases import settings_for
from tests.notify.factories import NOW, confirmed
from tests.notify.mail_servers import (
    HOST,
    NotifyingServer,
    Postmaster,
    certificate,
    free_port,
    only_with_password,
    smtp_server,
)
from tests.notify.post import deliveries, read, receive, send_all, text_of


def a_mail(**but: Any) -> Mail:
    mail = Mail(
        id=new_id(),
        written_at=NOW,
        sender=Mailbox("Turnout", "no-reply@turnout.test"),
        recipient=Mailbox("Ann Lee", "ann.lee@example.org"),
        language="en",
        subject="You have a place",
        text="Hello Ann,\n.\n.. a line of one dot is no end\n",
        html="<p>Hello Ann,</p>",
    )
    return replace(mail, **but)


@contextmanager
def smtp(postmaster: Postmaster, **server: Any) -> Iterator[Smtp]:
    options = server.pop("options", {})
    with smtp_server(postmaster, **options) as port:
        transport = Smtp(Server(HOST, port, timeout=5.0, **server))
        yield transport
        transport.close()


def test_a_mail_that_is_accepted_arrives_whole() -> None:
    postmaster = Postmaster()
    with smtp(postmaster) as transport:
        assert transport.send(a_mail(), NOW) == "250 OK queued as 42"
    (envelope,) = postmaster.taken
    assert envelope.mail_from == "no-reply@turnout.test"
    assert envelope.rcpt_tos == ["ann.lee@example.org"]
    assert isinstance(envelope.content, bytes)
    message = read(envelope.content)
    assert "\n.\n.. a line" in text_of(message).replace("\r\n", "\n")


def test_the_connection_is_kept_between_mails_and_made_anew_when_it_broke() -> None:
    postmaster = Postmaster()
    with smtp(postmaster) as transport:
        for _ in range(3):
            transport.send(a_mail(), NOW)
        assert postmaster.connections == 1
    with smtp_server(postmaster) as other:
        transport.server = replace(transport.server, port=other)
        transport.send(a_mail(), NOW)
        transport.close()
    assert len(postmaster.taken) == 4


def test_a_server_that_wants_no_more_on_a_connection_gets_the_mail_on_a_new_one() -> None:
    postmaster = Postmaster()
    with smtp(postmaster) as transport:
        transport.send(a_mail(), NOW)
        postmaster.is_tired = True
        transport.send(a_mail(), NOW)
    assert postmaster.connections == 2
    assert len(postmaster.taken) == 2


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ({"rcpt": "450 4.2.1 mailbox busy"}, TemporaryFailure),
        ({"rcpt": "421 4.3.2 shutting down"}, TemporaryFailure),
        ({"rcpt": "550 5.1.1 no such user"}, PermanentFailure),
        ({"data": "451 4.3.0 try later"}, TemporaryFailure),
        ({"data": "554 5.7.1 refused"}, PermanentFailure),
    ],
)
def test_a_refusal_keeps_the_server_s_words(
    answers: dict[str, str], failure: type[Exception]
) -> None:
    postmaster = Postmaster(**answers)  # type: ignore[arg-type]
    (words,) = answers.values()
    with smtp(postmaster) as transport, pytest.raises(failure) as caught:
        transport.send(a_mail(), NOW)
    assert str(caught.value) == words


def test_after_a_refusal_the_next_mail_goes_out() -> None:
    postmaster = Postmaster(rcpt="550 5.1.1 no such user")
    with smtp(postmaster) as transport:
        with pytest.raises(PermanentFailure):
            transport.send(a_mail(), NOW)
        postmaster.rcpt = "250 OK"
        transport.send(a_mail(), NOW)
    assert len(postmaster.taken) == 1


def test_a_server_that_is_away_is_a_temporary_failure() -> None:
    transport = Smtp(Server(HOST, free_port()))
    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        transport.send(a_mail(), NOW)
    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        Smtp(Server("no-such-host.invalid", 25)).send(a_mail(), NOW)


def test_a_server_that_hangs_up_after_the_mail_leaves_a_doubt() -> None:
    postmaster = Postmaster(hang_up_after_data=True)
    with smtp(postmaster) as transport, pytest.raises(OutcomeUnknown):
        transport.send(a_mail(), NOW)
    assert len(postmaster.taken) == 1


def test_a_sign_in_is_made_and_a_wrong_password_keeps_the_mail() -> None:
    postmaster = Postmaster()
    options = only_with_password("turnout", "right")
    with smtp(postmaster, user="turnout", password="right", options=options) as transport:
        transport.send(a_mail(), NOW)
    with (
        smtp(postmaster, user="turnout", password="wrong", options=options) as transport,
        pytest.raises(TemporaryFailure, match="535"),
    ):
        transport.send(a_mail(), NOW)
    assert len(postmaster.taken) == 1


def test_the_way_is_encrypted_where_the_server_offers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = certificate(tmp_path)
    postmaster = Postmaster()
    options = {"tls_context": context, "require_starttls": True}
    with smtp(postmaster, options=options) as transport, pytest.raises(TemporaryFailure):
        transport.send(a_mail(), NOW)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with smtp(postmaster, options=options) as transport:
        transport.send(a_mail(), NOW)
    with smtp(postmaster, tls=True, options={"ssl_context": context}) as transport:
        transport.send(a_mail(), NOW)
    assert len(postmaster.taken) == 2


def test_an_address_with_accents_goes_to_a_server_that_can() -> None:
    mail = a_mail(recipient=mailbox("Élodie", "élodie@exämple.org"))
    postmaster = Postmaster()
    with smtp(postmaster, options={"enable_SMTPUTF8": True}) as transport:
        transport.send(mail, NOW)
    assert postmaster.taken[0].rcpt_tos[0].startswith("élodie@")
    with (
        smtp(postmaster, options={"enable_SMTPUTF8": False}) as transport,
        pytest.raises(PermanentFailure, match="such letters"),
    ):
        transport.send(mail, NOW)
    plain = mailbox("Ann", "ann@exämple.org")
    assert plain.address == "ann@xn--exmple-cua.org"


@pytest.mark.parametrize("name", ["a\r\nBcc: evil@example.org", "a\nb", "x" * 400, '@:,;"<>\\'])
def test_a_hostile_name_adds_no_header_and_no_recipient(name: str) -> None:
    postmaster = Postmaster()
    mail = a_mail(recipient=mailbox(name, "ann.lee@example.org"), subject=name)
    with smtp(postmaster) as transport:
        transport.send(mail, NOW)
    (envelope,) = postmaster.taken
    assert envelope.rcpt_tos == ["ann.lee@example.org"]
    assert isinstance(envelope.content, bytes)
    assert read(envelope.content)["Bcc"] is None


def test_the_mail_address_decides_server_sender_and_sign_in(tmp_path: Path) -> None:
    url = "smtp://us%40er:p%2Fw@mail.example.org:2525?from=workshops@example.org"
    settings = settings_for(tmp_path, TURNOUT_MAIL_URL=url)
    transport = transport_for(settings)
    assert isinstance(transport, Smtp)
    assert transport.server == Server("mail.example.org", 2525, "us@er", "p/w")
    assert sender_of(settings, Letterhead()).address == "workshops@example.org"
    encrypted = transport_for(settings_for(tmp_path, TURNOUT_MAIL_URL="smtps://mail.example.org"))
    assert isinstance(encrypted, Smtp)
    assert (encrypted.server.port, encrypted.server.tls) == (465, True)
    assert "p/w" not in repr(transport.server)


@pytest.mark.parametrize("url", ["smtp://", "smtp://mail.example.org:99999"])
def test_a_mail_address_without_a_server_is_a_wrong_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(WrongSetting, match="TURNOUT_MAIL_URL"):
        transport_for(settings_for(tmp_path, TURNOUT_MAIL_URL=url))


def test_mail_that_waited_for_the_server_goes_out_when_it_is_back(runtime: Runtime) -> None:
    port = free_port()
    away = replace(runtime, settings=replace(runtime.settings, mail_url=f"smtp://{HOST}:{port}"))
    receive(away, confirmed())
    send_all(away)
    assert [each.state for each in deliveries(away)] == ["queued"]
    postmaster = Postmaster()
    with smtp_server(postmaster) as back:
        url = f"smtp://{HOST}:{back}"
        there = replace(runtime, settings=replace(runtime.settings, mail_url=url))
        send_all(there, NOW + timedelta(seconds=10))
        transport = transport_for(there.settings)
        assert isinstance(transport, Smtp)
        transport.close()
    (delivery,) = deliveries(runtime)
    assert (delivery.state, delivery.provider_id) == ("accepted", "250 OK queued as 42")
    assert len(postmaster.taken) == 1


def test_mail_comes_back_to_the_address_for_bounces() -> None:
    postmaster = Postmaster()
    with smtp(postmaster, bounces="bounces@example.org") as transport:
        transport.send(a_mail(), NOW)
    (envelope,) = postmaster.taken
    assert envelope.mail_from == "bounces@example.org"
    assert isinstance(envelope.content, bytes)
    assert read(envelope.content)["From"] == "Turnout <no-reply@turnout.test>"


def test_the_mail_address_says_where_mail_comes_back_to(tmp_path: Path) -> None:
    url = "smtp://mail.example.org?from=workshops@example.org&bounces=bounces%40example.org"
    transport = transport_for(settings_for(tmp_path, TURNOUT_MAIL_URL=url))
    assert isinstance(transport, Smtp)
    assert transport.server.bounces == "bounces@example.org"


def test_a_server_that_can_is_asked_to_name_the_mail_in_a_bounce() -> None:
    mail, server = a_mail(), NotifyingServer()
    with server as port:
        transport = Smtp(Server(HOST, port, timeout=5.0))
        transport.send(mail, NOW)
        transport.close()
    assert f"mail FROM:<no-reply@turnout.test> RET=HDRS ENVID={mail.id}" in server.heard


@pytest.mark.parametrize(
    ("words", "kept", "reason"),
    [
        ("550 5.1.1 no such user", ["ann.lee@example.org"], "hard_bounce"),
        ("550 5.7.1 not welcome", [], "refused"),
    ],
)
def test_an_address_that_a_server_does_not_know_is_spared(
    runtime: Runtime, words: str, kept: list[str], reason: str
) -> None:
    receive(runtime, confirmed())
    with smtp_server(Postmaster(rcpt=words)) as port:
        url = f"smtp://{HOST}:{port}"
        there = replace(runtime, settings=replace(runtime.settings, mail_url=url))
        send_all(there)
    (delivery,) = deliveries(runtime)
    assert (delivery.state, delivery.error) == ("failed", words)
    with runtime.database.reading() as db:
        query = sa.select(OutboxRow.envelope).where(OutboxRow.type == "message.bounced.v1")
        assert [each["data"]["reason"] for each in db.scalars(query)] == [reason]
        assert list(db.scalars(sa.select(Suppression.address_key))) == kept
