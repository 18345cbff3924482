"""SendGrid's signed reports: only genuine ones, each once, in any order, told to registration."""

import base64
import itertools
import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.chassis.ids import new_id
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.chassis.wrong_setting import WrongSetting
from services.notify.models import Delivery, ProviderEvent, Suppression
from services.notify.reports import Report, receive_reports
from services.notify.transports import transport_for
from tests.databases import settings_for
from tests.notify.factories import NOW, a_contact, confirmed, roster
from tests.notify.post import deliveries, mailed, receive, send_all, states
from tests.notify.sendgrid_events import (
    SIGNATURE,
    TIMESTAMP,
    SigningKey,
    an_event,
    in_one_batch,
)
from tests.notify.test_sending import Outcome, claimed, note_outcome

KEY = SigningKey()
PATH = "/hooks/sendgrid"
Post = Callable[..., TestResponse]


@pytest.fixture
def hooked(runtime: Runtime) -> Runtime:
    """The service with the provider's key."""
    settings = replace(runtime.settings, sendgrid_webhook_key=KEY.public)
    return replace(runtime, settings=settings)


@pytest.fixture
def post(hooked: Runtime) -> Post:
    """Posts events as SendGrid does, in one genuine batch."""
    client = create_app(hooked).test_client()

    def send(*events: dict[str, Any]) -> TestResponse:
        body = in_one_batch(list(events))
        return client.post(PATH, data=body, headers=KEY.headers(body))

    return send


def sent(runtime: Runtime) -> UUID:
    """A mail that the provider has taken; its id."""
    receive(runtime, confirmed(registration_id=new_id()))
    send_all(runtime)
    return deliveries(runtime)[-1].id


def told(runtime: Runtime) -> list[tuple[str, dict[str, Any]]]:
    """What registration will hear, in order."""
    with runtime.database.reading() as db:
        rows = db.scalars(sa.select(OutboxRow).order_by(OutboxRow.event_id)).all()
    return [(row.type, row.envelope["data"]) for row in rows]


def kinds_told(runtime: Runtime) -> list[str]:
    return [f"{name}:{data.get('reason', '')}".rstrip(":") for name, data in told(runtime)]


def suppressed(runtime: Runtime) -> list[tuple[str, str, str]]:
    with runtime.database.reading() as db:
        rows = db.scalars(sa.select(Suppression)).all()
    return sorted((row.address_key, row.stream, row.reason) for row in rows)


def test_a_delivery_that_is_reported_is_marked_and_told(runtime: Runtime, post: Post) -> None:
    mail_id = sent(runtime)
    assert post(an_event("processed", mail_id)).status_code == 204
    assert states(runtime) == [("confirmed", "accepted")]
    assert told(runtime) == []
    at = int(datetime.now(UTC).timestamp()) - 60
    assert post(an_event("delivered", mail_id, timestamp=at)).status_code == 204
    assert states(runtime) == [("confirmed", "delivered")]
    ((name, data),) = told(runtime)
    (delivery,) = deliveries(runtime)
    assert name == "message.delivered.v1"
    assert data["message_id"] == str(mail_id)
    assert data["registration_id"] == delivery.context["registration_id"]
    assert data["email"] == "ann.lee@example.org"
    assert data["words"] == "250 2.0.0 OK"
    assert delivery.settled_at == datetime.fromtimestamp(at, UTC)


def test_a_hard_bounce_is_told_with_the_words_and_stops_mail_for_half_a_year(
    runtime: Runtime, post: Post
) -> None:
    mail_id = sent(runtime)
    post(an_event("bounce", mail_id))
    ((name, data),) = told(runtime)
    assert (name, data["reason"]) == ("message.bounced.v1", "hard_bounce")
    assert data["words"] == deliveries(runtime)[0].error == "550 5.1.1 no such user"
    assert states(runtime) == [("confirmed", "bounced")]
    assert suppressed(runtime) == [("ann.lee@example.org", "all", "hard_bounce")]
    with runtime.database.reading() as db:
        row = db.scalars(sa.select(Suppression)).one()
    assert row.until is not None
    assert timedelta(days=179) < row.until - row.since <= timedelta(days=180)


def test_a_blocked_mail_is_told_and_its_address_stays_good(runtime: Runtime, post: Post) -> None:
    mail_id = sent(runtime)
    post(an_event("bounce", mail_id, type="blocked", reason="421 try later"))
    with runtime.database.reading() as db:
        assert db.scalars(sa.select(ProviderEvent.kind)).all() == ["blocked"]
    assert kinds_told(runtime) == ["message.bounced.v1:blocked"]
    assert suppressed(runtime) == []


def test_a_dropped_mail_is_told(runtime: Runtime, post: Post) -> None:
    post(an_event("dropped", sent(runtime)))
    assert kinds_told(runtime) == ["message.bounced.v1:dropped"]
    assert states(runtime) == [("confirmed", "dropped")]
    assert suppressed(runtime) == []


def test_a_bounced_roster_is_about_its_session_and_no_registration(
    runtime: Runtime, post: Post
) -> None:
    receive(runtime, roster())
    send_all(runtime)
    post(an_event("bounce", deliveries(runtime)[0].id))
    ((_name, data),) = told(runtime)
    assert data["registration_id"] is None
    assert data["session_id"] == "018f0000-0000-7000-8000-000000000001"


def test_a_spam_report_stops_mail_for_good_and_the_mail_stays_delivered(
    runtime: Runtime, post: Post
) -> None:
    mail_id = sent(runtime)
    post(an_event("spamreport", mail_id))
    post(an_event("delivered", mail_id))
    assert states(runtime) == [("confirmed", "delivered")]
    assert kinds_told(runtime) == ["message.delivered.v1", "message.bounced.v1:spam_report"]
    assert suppressed(runtime) == [("ann.lee@example.org", "all", "spam_report")]


@pytest.mark.parametrize("kind", ["unsubscribe", "group_unsubscribe"])
def test_an_unsubscription_ends_announcements_alone(
    runtime: Runtime, post: Post, kind: str
) -> None:
    mail_id = sent(runtime)
    post(an_event(kind, mail_id), an_event(kind, mail_id))
    assert kinds_told(runtime) == ["message.unsubscribed.v1"]
    assert suppressed(runtime) == [("ann.lee@example.org", "announcement", "unsubscribed")]
    assert states(runtime) == [("confirmed", "accepted")]


def test_the_same_report_again_changes_nothing(runtime: Runtime, post: Post) -> None:
    mail_id = sent(runtime)
    began = int(datetime.now(UTC).timestamp()) - 10
    events = [
        an_event("delivered", mail_id, timestamp=began + 1),
        an_event("processed", mail_id, timestamp=began),
    ]
    nameless = an_event("bounce", mail_id, type="blocked")
    del nameless["sg_event_id"]
    for _ in range(3):
        assert post(*events, nameless, *events, nameless).status_code == 204
    assert kinds_told(runtime) == ["message.delivered.v1", "message.bounced.v1:blocked"]
    with runtime.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ProviderEvent)) == 3


def test_the_last_state_is_the_same_in_whatever_order_reports_come(
    runtime: Runtime, post: Post
) -> None:
    stories = [("processed", "deferred", "delivered"), ("processed", "delivered", "bounce")]
    ends = {}
    for story in stories:
        for order in itertools.permutations(story):
            mail_id = sent_elsewhere(runtime)
            for kind in order:
                post(an_event(kind, mail_id))
            with runtime.database.reading() as db:
                ends.setdefault(story, set()).add(db.get_one(Delivery, mail_id).state)
    assert list(ends.values()) == [{"delivered"}, {"bounced"}]


def sent_elsewhere(runtime: Runtime) -> UUID:
    """A mail that was taken, each to an address of its own: bounces stop the next mail."""
    address = {"name": "Bo", "email": f"bo.{new_id()}@example.org", "language": "en"}
    receive(runtime, confirmed(registration_id=new_id(), recipient=address))
    send_all(runtime)
    return deliveries(runtime)[-1].id


def test_a_shuffled_batch_with_repetitions_is_told_once_each(runtime: Runtime, post: Post) -> None:
    mail_ids = [sent_elsewhere(runtime) for _ in range(20)]
    events = [an_event(kind, each) for each in mail_ids for kind in ("processed", "delivered")]
    events += [an_event("bounce", each) for each in mail_ids[:5]]
    batch = [*events, *events]
    random.Random(3).shuffle(batch)  # noqa: S311 - an order, not a secret
    assert post(*batch[:40]).status_code == 204
    assert post(*batch).status_code == 204
    found = kinds_told(runtime)
    assert found.count("message.bounced.v1:hard_bounce") == 5
    assert 15 <= found.count("message.delivered.v1") <= 20
    assert sorted(state for _kind, state in states(runtime)) == ["bounced"] * 5 + ["delivered"] * 15


def test_reports_of_unknown_kinds_and_unknown_mails_are_kept_and_are_no_error(
    runtime: Runtime, post: Post
) -> None:
    mail_id = sent(runtime)
    strange = [
        an_event("open", mail_id),
        an_event("account_status_change", mail_id),
        an_event("delivered", new_id()),
        an_event("bounce", "not an id", timestamp="soon", reason={"a": 1}),
        {},
        {"event": None, "sg_event_id": 7, "mail_id": ["x"], "timestamp": 1e300},
        an_event("delivered", mail_id, sg_event_id="x" * 500, event="y" * 500),
        an_event("open\x00\ud800", mail_id, sg_event_id="nul\x00", reason="\x00\ud800"),
        an_event("processed", mail_id, timestamp=10**18),
        an_event("processed", mail_id, timestamp=True),
        an_event("processed", mail_id, timestamp=-62135596800),
    ]
    assert post(*strange).status_code == 204
    assert states(runtime) == [("confirmed", "accepted")]
    assert told(runtime) == []
    with runtime.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ProviderEvent)) == len(strange)


def test_a_report_of_a_mail_in_doubt_settles_it_without_a_second_copy(
    runtime: Runtime, post: Post
) -> None:
    receive(runtime, confirmed())
    claimed(runtime)
    send_all(runtime, NOW + timedelta(seconds=31))
    assert states(runtime) == [("confirmed", "unknown")]
    (before,) = deliveries(runtime)
    post(an_event("processed", before.id))
    assert states(runtime) == [("confirmed", "accepted")]
    assert mailed(runtime, NOW + timedelta(hours=1)) == []
    assert deliveries(runtime)[0].second_copy_possible


def test_a_report_that_overtakes_the_answer_is_not_undone_by_it(
    runtime: Runtime, post: Post
) -> None:
    receive(runtime, confirmed())
    claim = claimed(runtime)
    post(an_event("delivered", claim.delivery.id))
    accepted = Outcome("accepted", provider_id="sg-1")
    with runtime.database.writing() as db:
        note_outcome(db, claim, accepted, transport=transport_for(runtime.settings), now=NOW)
    (delivery,) = deliveries(runtime)
    assert (delivery.state, delivery.provider_id) == ("delivered", "sg-1")
    assert not delivery.second_copy_possible


def test_a_bounce_read_from_a_mailbox_counts_like_a_report(runtime: Runtime) -> None:
    mail_id = sent(runtime)
    twice = [Report("b1", "bounce", NOW, mail_id, "550 no") for _ in range(2)]
    unknown = Report("b2", "bounce", NOW, new_id(), "550 no")
    tally = receive_reports(runtime.database, [*twice, unknown], NOW)
    assert tally == {"applied": 1, "repeated": 1, "of unknown mail": 1}
    assert kinds_told(runtime) == ["message.bounced.v1:hard_bounce"]


def test_two_batches_about_the_same_addresses_do_not_lock_each_other_out(
    runtime: Runtime, post: Post
) -> None:
    names = [f"p{number}@example.org" for number in range(40)]
    for name in [*names, *reversed(names)]:
        receive(runtime, confirmed(registration_id=new_id(), recipient=a_contact(email=name)))
    events = [an_event("bounce", each.id) for each in deliveries(runtime)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda batch: post(*batch), [events[:40], events[40:]]))
    assert [each.status_code for each in answers] == [204, 204]
    assert len(suppressed(runtime)) == 40


def bad_variants() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Twelve ways not to be SendGrid."""
    body = in_one_batch([an_event("bounce", UUID(int=1))])
    good = KEY.headers(body)
    old = KEY.headers(body, at=NOW.timestamp())
    unsigned = {name: value for name, value in good.items() if name != SIGNATURE}
    return {
        "no headers at all": (body, {}),
        "no signature": (body, unsigned),
        "no timestamp": (body, {SIGNATURE: good[SIGNATURE]}),
        "signature is not base64": (body, good | {SIGNATURE: "abc"}),
        "signature is not ASCII": (body, good | {SIGNATURE: "é" * 20}),
        "signature is not ECDSA": (body, good | {SIGNATURE: base64.b64encode(b"x" * 70).decode()}),
        "signature is empty": (body, good | {SIGNATURE: ""}),
        "signed by somebody else": (body, SigningKey().headers(body)),
        "body was changed": (body.replace(b"bounce", b"dropped"), good),
        "body lost its last line end": (body.strip(), good),
        "timestamp was changed": (body, good | {TIMESTAMP: str(int(good[TIMESTAMP]) + 1)}),
        "timestamp is old": (body, old),
        "timestamp is to come": (body, KEY.headers(body, at=datetime.now(UTC).timestamp() + 700)),
        "timestamp is a word": (body, good | {TIMESTAMP: "now"}),
        "timestamp is huge": (body, good | {TIMESTAMP: "9" * 400}),
        "timestamp is another numeral": (body, good | {TIMESTAMP: "²"}),
        "body is nothing": (b"", good),
    }


@pytest.mark.parametrize("variant", list(bad_variants()))
def test_what_is_not_genuine_is_refused(runtime: Runtime, hooked: Runtime, variant: str) -> None:
    body, headers = bad_variants()[variant]
    answer = create_app(hooked).test_client().post(PATH, data=body, headers=headers)
    assert answer.status_code == 403
    with runtime.database.reading() as db:
        assert db.scalars(sa.select(ProviderEvent)).all() == []


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"3", b"null", b"[3]", b"[[]]", b"not json", b"\xff\xfe", b"[{}"),
        *(b"[" * 100_000, b'[{"a": ' + b"9" * 5000 + b"}]", b'{"a":NaN}'),
    ],
)
def test_a_genuine_body_that_is_no_batch_is_refused(hooked: Runtime, body: bytes) -> None:
    client = create_app(hooked).test_client()
    assert client.post(PATH, data=body, headers=KEY.headers(body)).status_code == 400


def test_a_batch_may_be_larger_than_a_form_but_not_endless(hooked: Runtime) -> None:
    client = create_app(hooked).test_client()
    for padding, status in ((900_000, 204), (1_100_000, 413)):
        body = json.dumps([{"event": "open", "padding": "x" * padding}]).encode()
        assert client.post(PATH, data=body, headers=KEY.headers(body)).status_code == status


def test_without_a_key_there_is_no_such_page_and_looking_at_it_is_not_allowed(
    client: FlaskClient, hooked: Runtime
) -> None:
    body = in_one_batch([an_event("bounce", new_id())])
    assert client.post(PATH, data=body, headers=KEY.headers(body)).status_code == 404
    assert create_app(hooked).test_client().get(PATH).status_code == 405


def test_the_key_may_come_from_a_file_and_a_wrong_one_stops_the_start(tmp_path: Any) -> None:
    (tmp_path / "key").write_text(f"{KEY.public}\n", encoding="ascii")
    settings = settings_for(tmp_path, TURNOUT_SENDGRID_WEBHOOK_KEY_FILE=str(tmp_path / "key"))
    assert settings.sendgrid_webhook_key == KEY.public
    mistyped = KEY.public[:-8] + ("A" if KEY.public[-8] != "A" else "B") + KEY.public[-7:]
    for wrong in ("key", KEY.public[:-4], mistyped, "é", RSA):
        with pytest.raises(WrongSetting, match="TURNOUT_SENDGRID_WEBHOOK_KEY"):
            settings_for(tmp_path, TURNOUT_SENDGRID_WEBHOOK_KEY=wrong)


RSA = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu"
    "KUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ=="
)
"""A public key of another kind."""
