"""Mail through the official SendGrid library, against a strict stand-in that can misbehave."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis.config import SendGridOptions
from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.chassis.wrong_setting import WrongSetting
from services.notify.claiming import AT_ONCE
from services.notify.failures import (
    OutcomeUnknown,
    PermanentFailure,
    ProviderResting,
    TemporaryFailure,
)
from services.notify.message import Attachment, Mailbox
from services.notify.transports.sendgrid import SendGrid
from services.notify.transports.transport import SANDBOX
from tests.databases import settings_for
from tests.notify.factories import NOW, confirmed
from tests.notify.mail_servers import HOST, free_port
from tests.notify.post import deliveries, read, receive, send_all
from tests.notify.sendgrid_rules import complaints
from tests.notify.sendgrid_stand_in import (
    BROKEN,
    CUT,
    SILENT,
    TOO_MANY,
    TOO_MANY_UNTOLD,
    Plan,
    SendGridStandIn,
    sendgrid_server,
)
from tests.notify.test_smtp import a_mail

IMPATIENT = SendGridOptions(timeout=1.0)
SANDBOXED = SendGridOptions(sandbox=True)
SECOND = timedelta(seconds=1)


@contextmanager
def sendgrid(
    stand_in: SendGridStandIn, options: SendGridOptions = IMPATIENT, key: str = "the-key"
) -> Iterator[SendGrid]:
    with sendgrid_server(stand_in) as server:
        yield SendGrid(key, server.address, options)


def answering(
    status: int, headers: dict[str, str] | None = None, body: str = "no"
) -> SendGridStandIn:
    return SendGridStandIn(Plan(answer=(status, headers or {}, body)))


@contextmanager
def through_sendgrid(runtime: Runtime, stand_in: SendGridStandIn) -> Iterator[Runtime]:
    """The service with its mail going to the stand-in."""
    with sendgrid_server(stand_in) as server:
        settings = replace(
            runtime.settings,
            mail_url="sendgrid:?timeout=1",
            sendgrid_api_key="the-key",
            sendgrid_host=server.address,
        )
        yield replace(runtime, settings=settings)


def test_one_request_holds_one_person_both_parts_and_nothing_personal_beside() -> None:
    stand_in = SendGridStandIn()
    file = Attachment("workshop.ics", "text/calendar", b"BEGIN:VCALENDAR", method="REQUEST")
    mail = a_mail(attachments=(file,), reply_to=Mailbox("Education", "education@example.org"))
    with sendgrid(stand_in) as transport:
        assert transport.send(mail, NOW) == stand_in.taken[0].message_id
    (request,) = stand_in.requests
    (person,) = request["personalizations"]
    assert person["to"] == [{"email": "ann.lee@example.org", "name": "Ann Lee"}]
    assert set(person) == {"to"}
    assert request["custom_args"] == {"mail_id": str(mail.id)}
    assert request["from"] == {"email": "no-reply@turnout.test", "name": "Turnout"}
    assert request["reply_to"] == {"email": "education@example.org", "name": "Education"}
    assert [part["type"] for part in request["content"]] == ["text/plain", "text/html"]
    assert request["content"][0]["value"] == mail.text
    assert request["headers"]["Message-ID"] == f"<{mail.id}@turnout.test>"
    assert request["headers"]["Auto-Submitted"] == "auto-generated"
    (attached,) = request["attachments"]
    assert base64.b64decode(attached["content"]) == file.content
    assert attached["type"] == "text/calendar; method=REQUEST"


def test_nothing_is_tracked_and_nothing_is_added() -> None:
    stand_in = SendGridStandIn()
    with sendgrid(stand_in) as transport:
        transport.send(a_mail(), NOW)
    tracking = stand_in.requests[0]["tracking_settings"]
    assert tracking["click_tracking"] == {"enable": False, "enable_text": False}
    assert tracking["open_tracking"]["enable"] is False
    assert tracking["subscription_tracking"]["enable"] is False


def test_an_announcement_can_be_ended_with_one_click_and_no_other_mail_can() -> None:
    stand_in = SendGridStandIn()
    address = "https://workshops.example.org/unsubscribe/a-token"
    with sendgrid(stand_in) as transport:
        transport.send(a_mail(unsubscribe=address), NOW)
        transport.send(a_mail(), NOW)
    announcement, other = (each["headers"] for each in stand_in.requests)
    assert announcement["List-Unsubscribe"] == f"<{address}>"
    assert announcement["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not any(name.startswith("List-") for name in other)


@pytest.mark.parametrize("subject", ["New workshops", "Nouveaux ateliers à l’été"])
def test_an_internet_message_has_the_same_headers_unbroken(subject: str) -> None:
    address = f"https://workshops.example.org/unsubscribe/{'t' * 150}"
    mail = a_mail(subject=subject, unsubscribe=address, reply_to=Mailbox("É. C.", "e@example.org"))
    content = mail.internet_form
    assert f"<{address}>".encode() in content
    message = read(content)
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["Reply-To"].addresses[0].addr_spec == "e@example.org"
    assert message["Subject"] == subject


@pytest.mark.parametrize("status", [400, 406, 413, 415, 422])
def test_a_request_that_is_refused_for_what_it_is_fails_with_the_words(status: int) -> None:
    body = '{"errors":[{"message":"Does not contain\\n a valid address","field":"from.email"}]}'
    with (
        sendgrid(answering(status, body=body)) as transport,
        pytest.raises(PermanentFailure) as caught,
    ):
        transport.send(a_mail(), NOW)
    assert str(caught.value) == f"{status} Does not contain a valid address (from.email)"


@pytest.mark.parametrize("body", ["<h1>no</h1>", "[]", '{"errors": [3]}', '{"errors": 3}', ""])
def test_words_that_are_not_sendgrid_s_are_kept_as_they_came(body: str) -> None:
    with (
        sendgrid(answering(400, body=body)) as transport,
        pytest.raises(PermanentFailure) as caught,
    ):
        transport.send(a_mail(), NOW)
    assert str(caught.value) == f"400 {body}"


@pytest.mark.parametrize("status", [401, 403, 404, 405, 408, 500, 502, 503, 504])
def test_a_refused_key_a_wrong_host_or_a_fault_of_theirs_keeps_the_mail(status: int) -> None:
    with sendgrid(answering(status)) as transport, pytest.raises(TemporaryFailure) as caught:
        transport.send(a_mail(), NOW)
    assert str(caught.value) == f"{status} no"
    assert caught.value.not_before is None
    assert not isinstance(caught.value, ProviderResting)


def test_a_wrong_key_is_refused_by_the_stand_in_as_by_sendgrid() -> None:
    with (
        sendgrid(SendGridStandIn(), key="another") as transport,
        pytest.raises(TemporaryFailure, match="401 The provided authorization grant is invalid"),
    ):
        transport.send(a_mail(), NOW)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Reset": str(int(NOW.timestamp()) + 90)},
        {"Retry-After": "90"},
        {"Retry-After": "Tue, 10 Feb 2026 15:01:30 GMT"},
    ],
)
def test_too_many_requests_are_taken_up_again_when_sendgrid_says(
    status: int, headers: dict[str, str]
) -> None:
    with (
        sendgrid(answering(status, headers)) as transport,
        pytest.raises(ProviderResting) as caught,
    ):
        transport.send(a_mail(), NOW)
    assert caught.value.not_before == NOW + timedelta(seconds=90)


@pytest.mark.parametrize("wish", ["99999999999999999999", "²", "soon", "-5", "1e9"])
@pytest.mark.parametrize("name", ["Retry-After", "X-RateLimit-Reset"])
def test_a_senseless_wish_is_none(name: str, wish: str) -> None:
    stand_in = answering(429, {name: wish.encode().decode("latin-1")})
    with sendgrid(stand_in) as transport, pytest.raises(TemporaryFailure) as caught:
        transport.send(a_mail(), NOW)
    assert caught.value.not_before is None


def test_a_wish_for_next_year_is_heard_for_an_hour() -> None:
    with (
        sendgrid(answering(429, {"Retry-After": "30000000"})) as transport,
        pytest.raises(ProviderResting) as caught,
    ):
        transport.send(a_mail(), NOW)
    assert caught.value.not_before == NOW + timedelta(hours=1)


def test_an_answer_that_is_not_sendgrid_s_leaves_a_doubt() -> None:
    with sendgrid(answering(200)) as transport, pytest.raises(OutcomeUnknown, match="200 is not"):
        transport.send(a_mail(), NOW)


@pytest.mark.parametrize("mood", [SILENT, CUT])
def test_an_answer_that_is_lost_after_the_request_leaves_a_doubt(mood: str) -> None:
    stand_in = SendGridStandIn(Plan(script=[mood]))
    with sendgrid(stand_in) as transport, pytest.raises(OutcomeUnknown):
        transport.send(a_mail(), NOW)
    assert len(stand_in.taken) == 1


def test_a_provider_that_cannot_be_reached_keeps_the_mail() -> None:
    for address in (f"http://{HOST}:{free_port()}", "http://no-such-host.invalid"):
        with pytest.raises(ProviderResting, match="cannot be reached"):
            SendGrid("the-key", address, IMPATIENT).send(a_mail(), NOW)


def test_a_provider_that_takes_no_connection_in_time_keeps_the_mail() -> None:
    with socket.socket() as deaf:
        deaf.bind((HOST, 0))
        deaf.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(deaf.getsockname())
        address = f"http://{HOST}:{deaf.getsockname()[1]}"
        with pytest.raises(ProviderResting, match="cannot be reached"):
            SendGrid("the-key", address, IMPATIENT).send(a_mail(), NOW)
        for each in waiting:
            each.close()


def test_in_the_sandbox_a_mail_is_checked_accepted_and_sent_to_nobody() -> None:
    stand_in = SendGridStandIn()
    with sendgrid(stand_in, SANDBOXED) as transport:
        assert transport.send(a_mail(), NOW) == SANDBOX
    assert stand_in.requests[0]["mail_settings"] == {"sandbox_mode": {"enable": True}}
    assert stand_in.taken == []


def test_a_line_break_in_a_subject_does_not_reach_the_provider() -> None:
    stand_in = SendGridStandIn()
    with sendgrid(stand_in) as transport:
        transport.send(a_mail(subject="Hello\r\nBcc: evil@example.org"), NOW)
    assert stand_in.requests[0]["subject"] == "Hello Bcc: evil@example.org"


@pytest.mark.parametrize(
    "mail_url",
    [
        *("sendgrid:?sandbox=maybe", "sendgrid:?sandbox=", "sendgrid:?timeout=0"),
        *("sendgrid:?timeout=soon", "sendgrid:?timeout=900", "sendgrid:?sandbx=yes"),
    ],
)
def test_a_misspelt_option_of_the_mail_address_stops_the_start(
    tmp_path: Any, mail_url: str
) -> None:
    with pytest.raises(WrongSetting, match="TURNOUT_MAIL_URL"):
        settings_for(tmp_path, TURNOUT_MAIL_URL=mail_url, SENDGRID_API_KEY="the-key")


def test_all_sending_rests_when_the_provider_asks_and_goes_on_after(runtime: Runtime) -> None:
    stand_in = SendGridStandIn(Plan(script=[TOO_MANY], reset_after=20))
    for _ in range(AT_ONCE + 2):
        receive(runtime, confirmed(registration_id=new_id()))
    with through_sendgrid(runtime, stand_in) as leaving:
        stand_in.plan.answer = (429, {"Retry-After": "20"}, "slow down")
        send_all(leaving)
        assert stand_in.answers == {"429": AT_ONCE}
        assert [each.attempts for each in deliveries(runtime)] == [1] * AT_ONCE + [0, 0]
        stand_in.plan.answer = None
        stand_in.plan.script = []
        send_all(leaving, NOW + 19 * SECOND)
        assert stand_in.taken == []
        send_all(leaving, NOW + 30 * SECOND)
    assert len(stand_in.taken) == AT_ONCE + 2
    assert {each.state for each in deliveries(runtime)} == {"accepted"}


def test_a_long_wish_of_the_provider_s_rests_the_others_for_five_minutes(runtime: Runtime) -> None:
    for _ in range(AT_ONCE + 1):
        receive(runtime, confirmed(registration_id=new_id()))
    stand_in = answering(429, {"Retry-After": "3000"})
    with through_sendgrid(runtime, stand_in) as leaving:
        send_all(leaving)
        stand_in.plan.answer = None
        send_all(leaving, NOW + timedelta(minutes=6))
        assert len(stand_in.taken) == 1
        send_all(leaving, NOW + timedelta(minutes=51))
    assert len(stand_in.taken) == AT_ONCE + 1


def test_an_outage_costs_few_attempts_and_is_over_soon_after_its_end(runtime: Runtime) -> None:
    for _ in range(20):
        receive(runtime, confirmed(registration_id=new_id()))
    stand_in = SendGridStandIn()
    with sendgrid_server(stand_in) as server:
        settings = replace(
            runtime.settings,
            mail_url="sendgrid:?timeout=1",
            sendgrid_api_key="the-key",
            sendgrid_host=server.address,
        )
        leaving = replace(runtime, settings=settings)
        with server.away():
            for seconds in range(0, 600, 2):
                send_all(leaving, NOW + timedelta(seconds=seconds))
        attempts = sum(each.attempts for each in deliveries(runtime))
        assert 10 <= attempts <= 60
        send_all(leaving, NOW + timedelta(seconds=665))
        in_time = len(stand_in.taken)
        send_all(leaving, NOW + timedelta(minutes=20))
    assert in_time >= 15
    assert len(stand_in.taken) == 20
    assert not any(each.second_copy_possible for each in deliveries(runtime))


def test_every_mail_gets_through_a_provider_that_misbehaves(runtime: Runtime) -> None:
    wanted = {new_id() for _ in range(60)}
    for registration_id in wanted:
        receive(runtime, confirmed(registration_id=registration_id))
    chances = {TOO_MANY_UNTOLD: 0.1, BROKEN: 0.1, CUT: 0.1}
    stand_in = SendGridStandIn(Plan(chances=chances, seed=7))
    with through_sendgrid(runtime, stand_in) as leaving:
        for minutes in range(0, 60, 5):
            send_all(leaving, NOW + timedelta(minutes=minutes))
    rows = {each.id: each for each in deliveries(runtime)}
    assert {each.state for each in rows.values()} == {"accepted"}
    taken = [UUID(each.mail_id) for each in stand_in.taken]
    assert set(taken) == set(rows)
    twice = {each for each in taken if taken.count(each) > 1}
    assert twice
    assert twice <= {each.id for each in rows.values() if each.second_copy_possible}


def test_the_stand_in_keeps_count_outside_and_serves_many_at_once(tmp_path: Any) -> None:
    witness = tmp_path / "witness.jsonl"
    stand_in = SendGridStandIn(witness=witness)
    with sendgrid(stand_in) as transport:
        threads = [
            threading.Thread(target=lambda: [transport.send(a_mail(), NOW) for _ in range(10)])
            for _ in range(8)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    lines = [json.loads(line) for line in witness.read_text("utf-8").splitlines()]
    assert len({line["mail_id"] for line in lines}) == len(stand_in.taken) == 80
    assert {line["to"] for line in lines} == {"ann.lee@example.org"}


def a_body(**but: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "personalizations": [{"to": [{"email": "ann@example.org", "name": "Ann"}]}],
        "from": {"email": "no-reply@example.org"},
        "subject": "Hello",
        "content": [
            {"type": "text/plain", "value": "Hello"},
            {"type": "text/html", "value": "<p>Hello</p>"},
        ],
    }
    return {name: value for name, value in {**body, **but}.items() if value is not None}


def a_file(**but: Any) -> dict[str, Any]:
    return {
        "attachments": [{"content": "aGVsbG8=", "filename": "a.txt", "type": "text/plain"} | but]
    }


def people(*addresses: str, **but: Any) -> dict[str, Any]:
    return {"personalizations": [{"to": [{"email": each} for each in addresses]} | but]}


def test_the_stand_in_takes_what_sendgrid_takes() -> None:
    bodies = [
        a_body(),
        a_body(content=a_body()["content"][:1]),
        a_body(content=a_body()["content"][1:]),
        a_body(content=None, template_id="d-1"),
        a_body(subject=None, **people("ann@example.org", subject="Hello")),
        a_body(**a_file(type="text/calendar; method=REQUEST", disposition="attachment")),
        a_body(
            headers={"List-Unsubscribe": "<https://a.example.org>"}, custom_args={"mail_id": "1"}
        ),
        a_body(categories=["a"], send_at=1, asm={"group_id": 1}, ip_pool_name="ab"),
    ]
    assert [complaints(body) for body in bodies] == [[]] * len(bodies)


@pytest.mark.parametrize(
    ("field", "but"),
    [
        ("personalizations", {"personalizations": None}),
        ("personalizations", {"personalizations": []}),
        (
            "personalizations",
            {"personalizations": people("a@example.org")["personalizations"] * 1001},
        ),
        ("personalizations.0.to", {"personalizations": [{"to": []}]}),
        ("personalizations.0.to", {"personalizations": [{}]}),
        ("personalizations.0.to.0.email", people("nobody")),
        ("personalizations.0.to.0.email", people("a@example.org, b@example.org")),
        ("personalizations.0", people("a@example.org", "A@example.org")),
        ("personalizations.0.colour", people("a@example.org", colour="red")),
        ("personalizations.0.subject", people("a@example.org", subject="")),
        ("from", {"from": None}),
        ("from.email", {"from": {"name": "Turnout"}}),
        ("from.name", {"from": {"email": "a@example.org", "name": "A\r\nBcc: b@example.org"}}),
        ("from.address", {"from": {"email": "a@example.org", "address": "x"}}),
        ("reply_to.email", {"reply_to": {"email": ""}}),
        ("subject", {"subject": None}),
        ("subject", {"subject": ""}),
        ("subject", {"subject": "a\nb"}),
        ("subject", {"subject": "a" * 999}),
        ("content", {"content": None}),
        ("content", {"content": []}),
        ("content", {"content": a_body()["content"][::-1]}),
        ("content.0.value", {"content": [{"type": "text/plain", "value": ""}]}),
        ("content.0.type", {"content": [{"type": "text/plain; charset=utf-8", "value": "a"}]}),
        ("attachments.0.content", a_file(content="not base64")),
        ("attachments.0.content", a_file(content="")),
        ("attachments.0.filename", {"attachments": [{"content": "aGVsbG8="}]}),
        ("attachments.0.disposition", a_file(disposition="hidden")),
        ("attachments.0.type", a_file(type="text/calendar; charset=utf-8; method=REQUEST")),
        ("headers.Reply-To", {"headers": {"Reply-To": "a@example.org"}}),
        ("headers.X-A", {"headers": {"X-A": "a\r\nBcc: b@example.org"}}),
        ("headers.X-A", {"headers": {"X-A": 3}}),
        ("headers.X A", {"headers": {"X A": "a"}}),
        ("custom_args", {"custom_args": {"mail_id": "a" * 10_001}}),
        ("custom_args.mail_id", {"custom_args": {"mail_id": 1}}),
        ("categories", {"categories": ["a"] * 2}),
        ("categories", {"categories": [str(number) for number in range(11)]}),
        ("categories.0", {"categories": ["a" * 256]}),
        ("asm.group_id", {"asm": {}}),
        ("asm.groups_to_display", {"asm": {"group_id": 1, "groups_to_display": [1] * 26}}),
        ("ip_pool_name", {"ip_pool_name": "a"}),
        ("send_at", {"send_at": "now"}),
        ("send_at", {"send_at": True}),
        (
            "tracking_settings.click_tracking.enable",
            {"tracking_settings": {"click_tracking": {"enable": "no"}}},
        ),
        ("tracking_settings.clicks", {"tracking_settings": {"clicks": {"enable": False}}}),
        ("mail_settings.sandbox_mode.on", {"mail_settings": {"sandbox_mode": {"on": True}}}),
        ("idempotency_key", {"idempotency_key": "a"}),
    ],
)
def test_the_stand_in_refuses_what_sendgrid_s_description_does_not_allow(
    field: str, but: dict[str, Any]
) -> None:
    assert field in [each.field for each in complaints(a_body(**but))]
