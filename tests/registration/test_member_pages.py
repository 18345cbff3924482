"""The members' pages, as a browser sees them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.links import Links
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.models import Need, Organisation, Registration
from services.registration.places import give_up
from services.registration.preferences import ANSWERS_BY_MAIL, choose
from tests.pages import Page, follow, submit, visit
from tests.registration.factories import NOW, signed_up, soon, state_of, tell_of

MEMBER = {"name": "Alex Rivera", "email": "alex@example.org", "organisation": "1207"}


def sign_up_page(client: FlaskClient, session_id: object, /, **typed: str) -> Page:
    return submit(client, visit(client, f"/sign-up/{session_id}"), **(MEMBER | typed))


def registrations(runtime: Runtime) -> list[Registration]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(Registration).order_by(Registration.joined_at)))


def test_a_member_signs_up_and_reads_the_truth(runtime: Runtime, client: FlaskClient) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    page = sign_up_page(client, session_id, needs="A ramp", phone="416 555-0142")
    assert "You are confirmed" in page.text
    assert "$25" in page.text
    [row] = registrations(runtime)
    assert (row.name, row.phone) == ("Alex Rivera", "+14165550142")
    with runtime.database.reading() as db:
        assert db.get_one(Need, row.id).text == "A ramp"
    other = create_app(runtime).test_client()
    page = sign_up_page(other, session_id, name="Sam", email="sam@example.org")
    assert "You are first on the waiting list" in page.text


def test_pressing_twice_is_one_sign_up_with_the_same_answer(
    runtime: Runtime, client: FlaskClient
) -> None:
    form = visit(client, f"/sign-up/{tell_of(runtime, soon())}")
    for _ in range(2):
        assert "You are confirmed" in submit(client, form, **MEMBER).text
    assert len(registrations(runtime)) == 1


def test_a_corrected_form_with_the_same_address_is_told_that_nothing_changed(
    runtime: Runtime, client: FlaskClient
) -> None:
    form = visit(client, f"/sign-up/{tell_of(runtime, soon())}")
    submit(client, form, **MEMBER)
    page = submit(client, form, **(MEMBER | {"name": "Alexandra Rivera"}))
    assert "You were signed up already, and nothing was changed." in page.text
    assert "You are confirmed" in page.text


def test_a_known_address_from_elsewhere_is_told_nothing_but_to_look_at_its_mail(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    sign_up_page(client, session_id)
    stranger = create_app(runtime).test_client()
    page = sign_up_page(stranger, session_id, name="A Stranger")
    assert "Please look at your mail" in page.text
    assert "confirmed" not in page.text


def test_an_organisation_can_let_every_answer_go_by_mail_alone(
    runtime: Runtime, client: FlaskClient
) -> None:
    with runtime.database.writing() as db:
        choose(db, ANSWERS_BY_MAIL, True)
    page = sign_up_page(client, tell_of(runtime, soon()))
    assert "Please look at your mail" in page.text
    assert len(registrations(runtime)) == 1


@pytest.mark.parametrize(
    "typed",
    ["1207", "local 1207", "riverbend hospital workers", "Riverbend Hospitel Workers", "RIVERBEND"],
)
def test_a_local_is_found_though_it_is_spelt_loosely(
    runtime: Runtime, client: FlaskClient, typed: str
) -> None:
    sign_up_page(client, tell_of(runtime, soon()), organisation=typed)
    assert registrations(runtime)[0].organisation_name == "Riverbend Hospital Workers"


def test_accents_may_be_left_out(runtime: Runtime, client: FlaskClient) -> None:
    session_id = tell_of(runtime, soon())
    sign_up_page(client, session_id, organisation="employees et employes scolaires de l'erabliere")
    assert registrations(runtime)[0].organisation_name.startswith("Employées")


def test_an_unsure_local_is_asked_about_and_nothing_typed_is_lost(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    page = sign_up_page(client, session_id, organisation="river workers", role="Steward")
    assert page.response.status_code == 422
    assert "Which local do you mean?" in page.text
    assert page.form().fields["name"] == "Alex Rivera"
    assert page.form().fields["role"] == "Steward"
    with runtime.database.reading() as db:
        chosen = db.scalars(sa.select(Organisation).where(Organisation.number == "1207")).one()
    page = submit(client, page, organisation_id=str(chosen.id))
    assert "You are confirmed" in page.text


def test_a_local_that_is_not_listed_is_an_answer(runtime: Runtime, client: FlaskClient) -> None:
    session_id = tell_of(runtime, soon())
    sign_up_page(client, session_id, organisation="Tugboat Crews", not_listed="yes")
    [row] = registrations(runtime)
    assert (row.organisation_id, row.organisation_name, row.fee_rule) == (
        None,
        "Tugboat Crews",
        "other",
    )


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("email", "no address", "This is not an e-mail address"),
        ("email", "a@example.org, b@example.org", "This is not an e-mail address"),
        ("name", "", "Please fill this in."),
        ("name", "x" * 5000, "This is too long: at most 200 characters."),
        ("name", "A\x00B", "This has characters that cannot be shown."),
        ("name", "\u202eevil", "This has characters that cannot be shown."),
        ("name", "\u200b\u200b", "Please fill this in."),
        ("phone", "call me", "This is not a telephone number"),
        ("language", "xx", "Please choose one of the answers."),
        ("organisation", "", "Please type your local"),
        ("organisation", "Qwertzuiop", "We do not know this local."),
    ],
)
def test_bad_input_is_named_beside_its_field_and_nothing_is_stored(
    runtime: Runtime, client: FlaskClient, name: str, value: str, complaint: str
) -> None:
    page = sign_up_page(client, tell_of(runtime, soon()), **{name: value})
    assert page.response.status_code == 422
    assert complaint in page.text
    assert registrations(runtime) == []


@pytest.mark.parametrize(
    "name",
    ["Zoë 🦫 Ōkubo", "محمد علي", "<script>alert(1)</script>", "=1+2", "Ο’Brien", "李", "Null"],
)
def test_names_of_the_world_and_markup_are_kept_and_shown_as_they_are(
    runtime: Runtime, client: FlaskClient, name: str
) -> None:
    page = sign_up_page(client, tell_of(runtime, soon()), name=name)
    assert "You are confirmed" in page.text
    assert "<script>alert" not in page.response.text
    assert registrations(runtime)[0].name == name


def test_errors_speak_french_to_a_french_reader(runtime: Runtime, client: FlaskClient) -> None:
    session_id = tell_of(runtime, soon())
    page = visit(client, f"/sign-up/{session_id}?lang=fr")
    assert page.language == "fr"
    page = submit(client, page, **(MEMBER | {"email": "rien"}))
    assert "Ce n’est pas une adresse courriel" in page.text


@pytest.mark.parametrize("path", ["/sign-up/00000000-0000-7000-8000-000000000000", "/my/forged"])
def test_unknown_sessions_and_forged_links_are_not_found(client: FlaskClient, path: str) -> None:
    page = visit(client, path)
    assert page.response.status_code == 404
    assert "Traceback" not in page.text


def test_a_cancelled_session_says_so(runtime: Runtime, client: FlaskClient) -> None:
    page = visit(client, f"/sign-up/{tell_of(runtime, soon(status='cancelled'))}")
    assert page.response.status_code == 409
    assert "This session has been cancelled." in page.text


def own_path(runtime: Runtime, registration_id: object) -> str:
    link = Links(runtime.settings).manage(registration_id, 1)  # type: ignore[arg-type]
    return link.removeprefix(runtime.settings.base_url)


def test_a_member_takes_an_offered_seat_by_their_link_and_looking_changes_nothing(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    seated, waiting = (signed_up(runtime, session_id, name) for name in ("First", "Second"))
    with runtime.database.writing() as db:
        give_up(db, seated.registration.id, now=datetime.now(UTC))
    path = own_path(runtime, waiting.registration.id)
    for _ in range(3):
        page = follow(client, path)
        assert "A seat is kept for you" in page.text
    assert state_of(runtime, waiting) == "offered"
    page = submit(client, page, "/accept")
    assert "You are confirmed" in page.text
    page = submit(client, page, "/cancel")
    assert "Your place is cancelled" in page.text
    assert state_of(runtime, waiting) == "cancelled"


def test_a_late_answer_is_told_that_the_offer_has_ended(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    seated, waiting = (signed_up(runtime, session_id, name) for name in ("First", "Second"))
    with runtime.database.writing() as db:
        give_up(db, seated.registration.id, now=NOW)
    page = submit(client, follow(client, own_path(runtime, waiting.registration.id)), "/accept")
    assert "The offer has ended" in page.text


def test_a_member_corrects_their_details(runtime: Runtime, client: FlaskClient) -> None:
    session_id = tell_of(runtime, soon())
    answer = signed_up(runtime, session_id, "Alex")
    path = own_path(runtime, answer.registration.id)
    page = submit(client, follow(client, path), "/details", name="Alexandra", needs="Vegan")
    assert "Your details are saved." in page.text
    assert page.form("/details").fields["needs"] == "Vegan"
    page = submit(client, page, "/details", name="")
    assert page.response.status_code == 422


def test_too_many_sign_ups_from_one_address_are_slowed_down(runtime: Runtime) -> None:
    slowed = replace(runtime, settings=replace(runtime.settings, sign_up_limit="2 per minute"))
    client = create_app(slowed).test_client()
    session_id = tell_of(runtime, soon())
    form = visit(client, f"/sign-up/{session_id}")
    pages = [submit(client, form, **(MEMBER | {"form_key": str(n)})) for n in range(3)]
    assert pages[2].response.status_code == 429
    assert "Please wait a few minutes" in pages[2].text
