"""Access tokens: made, shown once, narrowed, last used, revoked, and what they are refused."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.policy import ACTIONS
from services.chassis.service import Runtime
from services.chassis.staff import AccessToken, digest
from services.chassis.web import create_app
from services.contracts import from_envelope
from services.contracts.staff import TOKEN_USED
from services.registration.account_changes import change_role
from services.registration.accounts import AccountRefused, Remit, by_email
from services.registration.tokens import FOR_PROGRAMS, make_token
from tests.pages import Page, sign_in, submit, visit
from tests.permissions.routes import all_routes
from tests.registration.conftest import PASSWORD
from tests.registration.factories import signed_up, soon, tell_of

TOKENS = "/staff/tokens"
COORDINATOR = "coordinator@example.org"


def a_token(runtime: Runtime, *actions: str, email: str = COORDINATOR, days: int = 1) -> str:
    with runtime.database.writing() as db:
        chosen = actions or None
        return make_token(db, email=email, days=days, actions=chosen, now=datetime.now(UTC))


def ask(runtime: Runtime, token: str, path: str) -> tuple[int, str]:
    """Status and media type of what a program with this token gets."""
    client = create_app(runtime).test_client()
    answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.content_type


def people_of(runtime: Runtime, **but: object) -> str:
    session_id = tell_of(runtime, soon(**but))
    signed_up(runtime, session_id, "Alex")
    return f"/api/v1/sessions/{session_id}/registrations"


def shown(page: Page) -> str:
    found = re.search(r"turnout_[\w-]{40,}", page.response.text)
    assert found is not None
    return found[0]


def last_used(runtime: Runtime, token: str) -> datetime | None:
    with runtime.database.reading() as db:
        return db.get_one(AccessToken, digest(token)).last_used_at


def test_a_token_is_shown_once_and_does_what_was_ticked(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = visit(coordinator, TOKENS)
    page = submit(coordinator, page, TOKENS, name="Dues office", actions="see_people")
    token, people = shown(page), people_of(runtime)
    assert token not in visit(coordinator, TOKENS).response.text
    assert "Dues office" in visit(coordinator, TOKENS).text
    assert ask(runtime, token, people)[0] == 200
    roster = people.replace("registrations", "roster")
    assert ask(runtime, token, roster) == (403, "application/problem+json")


def test_a_token_without_contacts_gets_no_addresses(runtime: Runtime, client: FlaskClient) -> None:
    people = people_of(runtime)
    for actions, email in (
        (("see_people",), ""),
        (("see_people", "see_contacts"), "alex@example.org"),
    ):
        headers = {"Authorization": f"Bearer {a_token(runtime, *actions)}"}
        [row] = client.get(people, headers=headers).json
        assert row["email"] == email


def test_a_form_that_ticks_nothing_or_too_much_is_refused(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = submit(coordinator, visit(coordinator, TOKENS), TOKENS, name="Nothing")
    assert "Tick at least one thing that it may do." in page.text
    page = submit(coordinator, page, TOKENS, name="Much", actions="choose_letterhead")
    assert "A token may do no more than you may." in page.text


def test_a_token_never_may_more_than_its_owner(runtime: Runtime) -> None:
    token, people = a_token(runtime, "see_people"), people_of(runtime, area="South")
    assert ask(runtime, token, people)[0] == 200
    with runtime.database.writing() as db:
        member = by_email(db, COORDINATOR)
        assert member is not None
        change_role(db, member.id, "coordinator", Remit(["North"]), now=datetime.now(UTC))
    assert ask(runtime, token, people) == (403, "application/problem+json")


def test_an_expired_and_a_revoked_token_are_unknown(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    people, expired, token = people_of(runtime), a_token(runtime, days=-1), a_token(runtime)
    assert ask(runtime, expired, people) == (401, "application/problem+json")
    assert ask(runtime, token, people)[0] == 200
    page = visit(coordinator, TOKENS)
    page = submit(coordinator, page, f"{digest(token)}/revoke")
    assert "The token is revoked." in page.text
    assert ask(runtime, token, people) == (401, "application/problem+json")


def test_administrators_see_and_revoke_all_tokens_others_their_own(runtime: Runtime) -> None:
    token = a_token(runtime)
    clients = {}
    for role in ("facilitator", "admin"):
        clients[role] = create_app(runtime).test_client()
        sign_in(clients[role], f"{role}@example.org", PASSWORD)
    revoke = f"{TOKENS}/{digest(token)}/revoke"
    page = visit(clients["facilitator"], TOKENS)
    assert digest(token) not in page.response.text
    sent = {"csrf_token": page.form("/sign-out").fields["csrf_token"]}
    assert clients["facilitator"].post(revoke, data=sent).status_code == 403
    page = submit(clients["admin"], visit(clients["admin"], TOKENS), revoke)
    assert "The token is revoked." in page.text


def test_the_last_use_is_kept_to_the_hour(runtime: Runtime) -> None:
    token, people = a_token(runtime), people_of(runtime)
    assert last_used(runtime, token) is None
    ask(runtime, token, people)
    first = last_used(runtime, token)
    assert first is not None
    ask(runtime, token, people)
    assert last_used(runtime, token) == first
    with runtime.database.writing() as db:
        earlier = first - timedelta(hours=1)
        db.execute(sa.update(AccessToken).values(last_used_at=earlier))
    ask(runtime, token, people)
    assert last_used(runtime, token) not in (None, earlier)


def test_a_use_that_another_service_saw_is_kept_unless_it_is_older(runtime: Runtime) -> None:
    token, now = a_token(runtime), datetime.now(UTC).replace(microsecond=0)
    for at in (now, now - timedelta(hours=2)):
        envelope = {
            "specversion": "1.0",
            "id": f"01a1f000-0000-7000-8000-{int(at.timestamp()):012d}",
            "type": TOKEN_USED.type,
            "source": "catalog",
            "subject": digest(token),
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "sequence": 1,
            "correlationid": "test",
            "data": {"digest": digest(token), "at": at.isoformat()},
        }
        assert from_envelope(envelope).type == "token.used.v1"
        runtime.inbox.receive(envelope, now)
        assert last_used(runtime, token) == now


def test_only_a_digest_is_kept(runtime: Runtime) -> None:
    token = a_token(runtime)
    with runtime.database.reading() as db:
        kept = str(db.execute(sa.text("SELECT * FROM access_token")).all())
        told = str(db.execute(sa.text("SELECT envelope FROM outbox")).all())
    assert token not in kept + told
    assert digest(token) in kept


def test_what_staff_can_do_by_the_api_is_what_a_token_can_be_for() -> None:
    of_api = {
        each.action.name
        for each in all_routes()
        if each.rule.startswith("/api/") and each.action and not each.action.is_open
    }
    assert of_api | {"see_contacts"} == {each.name for each in FOR_PROGRAMS}
    assert of_api <= set(ACTIONS)


def test_the_command_line_names_what_a_token_cannot_be_for(runtime: Runtime) -> None:
    with pytest.raises(AccountRefused, match="not_grantable"):
        a_token(runtime, "act_on_place", email="facilitator@example.org")
