"""Mail through the official SendGrid library, against a local server that can misbehave."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from services.notify.failures import OutcomeUnknown, PermanentFailure, TemporaryFailure
from services.notify.message import Attachment
from services.notify.transports.sendgrid import SendGrid
from tests.notify.factories import NOW
from tests.notify.mail_servers import HOST, SendGridStandIn, sendgrid_server
from tests.notify.test_smtp import a_mail


@contextmanager
def sendgrid(stand_in: SendGridStandIn) -> Iterator[SendGrid]:
    with sendgrid_server(stand_in) as address:
        yield SendGrid("the-key", address, timeout=1.0)


def test_one_request_holds_one_person_both_parts_and_nothing_personal_beside() -> None:
    stand_in = SendGridStandIn()
    file = Attachment("workshop.ics", "text/calendar", b"BEGIN:VCALENDAR", method="PUBLISH")
    mail = a_mail(attachments=(file,))
    with sendgrid(stand_in) as transport:
        assert transport.send(mail, NOW) == "sg-1"
    (request,) = stand_in.requests
    (person,) = request["personalizations"]
    assert person["to"] == [{"email": "ann.lee@example.org", "name": "Ann Lee"}]
    assert set(person) == {"to"}
    assert request["custom_args"] == {"mail_id": str(mail.id)}
    assert request["from"] == {"email": "no-reply@turnout.test", "name": "Turnout"}
    assert [part["type"] for part in request["content"]] == ["text/plain", "text/html"]
    assert request["content"][0]["value"] == mail.text
    assert request["tracking_settings"]["click_tracking"]["enable"] is False
    assert request["tracking_settings"]["open_tracking"]["enable"] is False
    assert request["headers"]["Message-ID"] == f"<{mail.id}@turnout.test>"
    assert request["headers"]["Auto-Submitted"] == "auto-generated"
    (attached,) = request["attachments"]
    assert base64.b64decode(attached["content"]) == file.content
    assert stand_in.authorization == ["Bearer the-key"]


@pytest.mark.parametrize("status", [400, 413, 415])
def test_a_request_that_is_refused_for_what_it_is_fails_with_the_words(status: int) -> None:
    stand_in = SendGridStandIn(status, {}, '{"errors":[{"message":"Does not contain\\n a valid"}]}')
    with sendgrid(stand_in) as transport, pytest.raises(PermanentFailure) as caught:
        transport.send(a_mail(), NOW)
    assert str(caught.value).startswith(f"{status} ")
    assert "Does not contain" in str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 500, 502, 503, 504])
def test_a_refused_key_or_a_fault_of_theirs_keeps_the_mail(status: int) -> None:
    stand_in = SendGridStandIn(status, {}, "no")
    with sendgrid(stand_in) as transport, pytest.raises(TemporaryFailure) as caught:
        transport.send(a_mail(), NOW)
    assert str(caught.value) == f"{status} no"
    assert caught.value.not_before is None


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Reset": str(int(NOW.timestamp()) + 90)},
        {"Retry-After": "90"},
        {"Retry-After": "Tue, 10 Feb 2026 15:01:30 GMT"},
    ],
)
def test_too_many_requests_are_taken_up_again_when_sendgrid_says(headers: dict[str, str]) -> None:
    stand_in = SendGridStandIn(429, headers, "too many requests")
    with sendgrid(stand_in) as transport, pytest.raises(TemporaryFailure) as caught:
        transport.send(a_mail(), NOW)
    assert caught.value.not_before == NOW + timedelta(seconds=90)


def test_a_time_out_after_the_request_leaves_a_doubt() -> None:
    stand_in = SendGridStandIn(silent=True)
    with sendgrid(stand_in) as transport, pytest.raises(OutcomeUnknown):
        transport.send(a_mail(), NOW)
    assert len(stand_in.requests) == 1


@pytest.mark.parametrize("address", [f"http://{HOST}:1", "http://no-such-host.invalid"])
def test_a_provider_that_cannot_be_reached_keeps_the_mail(address: str) -> None:
    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        SendGrid("the-key", address, timeout=1.0).send(a_mail(), NOW)


def test_a_line_break_in_a_subject_does_not_reach_the_provider() -> None:
    stand_in = SendGridStandIn()
    with sendgrid(stand_in) as transport:
        transport.send(a_mail(subject="Hello\r\nBcc: evil@example.org"), NOW)
    assert stand_in.requests[0]["subject"] == "Hello Bcc: evil@example.org"
