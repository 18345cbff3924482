"""What depends on the moment: sessions put off, evenings in Ontario, keys that come again."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration import due
from services.registration.accounts import add_staff
from services.registration.answers import KeyUsedOtherwise, NotBookable
from services.registration.directory import DirectoryEntry, find_organisation, load_directory
from services.registration.models import Organisation
from services.registration.passwords import check_password
from services.registration.places import give_up
from services.registration.staff_actions import NotPossible, offer_by_staff
from services.registration.tokens import make_token
from tests.pages import submit, visit
from tests.registration.factories import (
    NOW,
    a_session,
    an_entry,
    sign_up,
    signed_up,
    soon,
    state_of,
    tell_of,
)

EVENING = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)
"""20:30 on 2 March in Ontario, the third already in UTC."""


def test_one_offer_that_cannot_lapse_holds_up_no_other(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = []
    for hour in range(2):
        session = a_session(runtime, capacity=1)
        seated, waiting = (signed_up(runtime, session, name) for name in ("First", "Second"))
        with runtime.database.writing() as db:
            give_up(db, seated.registration.id, now=NOW + timedelta(hours=hour))
        pairs.append(waiting)
    poison = pairs[0].registration.id

    def lapse(db: object, key: UUID, now: datetime) -> int:
        if key == poison:
            raise LookupError("poison")
        return lapse_offer(db, key, now)  # type: ignore[arg-type]

    lapse_offer = due.lapse_offer
    monkeypatch.setattr(due, "lapse_offer", lapse)
    with pytest.raises(LookupError):
        due.run_offers(runtime, NOW + timedelta(days=4))
    assert [state_of(runtime, each) for each in pairs] == ["offered", "lapsed"]


def test_staff_cannot_offer_a_seat_when_registration_has_closed(runtime: Runtime) -> None:
    session = a_session(runtime, capacity=1)
    _, waiting = (signed_up(runtime, session, name) for name in ("First", "Second"))
    closed = datetime(2026, 4, 1, 13, tzinfo=UTC)
    why = {"actor": "Coordinator", "reason": "because", "over_capacity": True}
    with pytest.raises(NotPossible), runtime.database.writing() as db:
        offer_by_staff(db, waiting.registration.id, **why, now=closed)
    assert state_of(runtime, waiting) == "waiting"


def test_an_affiliation_begins_and_counts_by_the_day_in_ontario(runtime: Runtime) -> None:
    with runtime.database.writing() as db:
        load_directory(db, [DirectoryEntry("88", "Late Shift Workers")], now=EVENING)
        local = db.scalars(sa.select(Organisation).where(Organisation.number == "88")).one()
        assert local.affiliations[0].starts_on == date(2026, 3, 2)
        local.affiliations[0].ends_on = date(2026, 3, 2)
    session = a_session(runtime)
    entry = {"organisation_id": local.id, "now": EVENING}
    answer = signed_up(runtime, session, "In time", **entry)
    assert answer.registration.fee_rule == "affiliate"
    answer = signed_up(runtime, session, "Too late", **(entry | {"now": EVENING.replace(hour=5)}))
    assert answer.registration.fee_rule == "other"


def test_a_local_is_found_by_what_our_own_list_offers_though_its_number_has_letters(
    runtime: Runtime,
) -> None:
    entries = [DirectoryEntry("4410A", "Lodge 2000"), DirectoryEntry("2000", "Dock Workers")]
    with runtime.database.writing() as db:
        load_directory(db, entries, now=NOW)
    for typed in ("4410A – Lodge 2000", "4410a", "lodge 2000"):
        with runtime.database.reading() as db:
            found = find_organisation(db, typed)
        assert found.sure is not None
        assert found.sure.number == "4410A"


def test_the_same_key_has_the_same_answer_also_when_registration_has_closed_since(
    runtime: Runtime,
) -> None:
    session, other = a_session(runtime), a_session(runtime)
    closed = datetime(2026, 4, 2, tzinfo=UTC)
    ids = []
    for now in (NOW, closed):
        with runtime.database.writing() as db:
            ids.append(sign_up(db, session, an_entry(), key="one", now=now).registration.id)
    assert ids[0] == ids[1]
    for moment, refused in ((NOW, KeyUsedOtherwise), (closed, KeyUsedOtherwise)):
        with pytest.raises(refused), runtime.database.writing() as db:
            sign_up(db, other, an_entry(), key="one", now=moment)
    with pytest.raises(NotBookable), runtime.database.writing() as db:
        sign_up(db, session, an_entry("Late"), key="two", now=closed)


def test_a_form_corrected_after_registration_closed_is_told_so(
    runtime: Runtime, client: FlaskClient
) -> None:
    session = soon()
    form = visit(client, f"/sign-up/{tell_of(runtime, session)}")
    member = {"name": "Alex", "email": "alex@example.org", "organisation": "1207"}
    submit(client, form, **member)
    tell_of(runtime, session | {"closes_at": NOW}, sequence=2)
    page = submit(client, form, **(member | {"email": "other@example.org"}))
    assert page.response.status_code == 409
    assert "Registration for this session has closed." in page.text


def test_guessing_at_passwords_is_slowed_down_though_sign_ups_are_not(runtime: Runtime) -> None:
    assert runtime.settings.sign_up_limit == "off"
    client = create_app(runtime).test_client()
    form = visit(client, "/staff/sign-in")
    typed = {"email": "nobody@example.org", "password": "a password to try"}
    codes = [submit(client, form, **typed).response.status_code for _ in range(8)]
    assert codes[0] == 422
    assert codes[-1] == 429


def test_a_password_is_read_as_it_was_set_whichever_way_its_letters_are_composed(
    runtime: Runtime,
) -> None:
    account = {"name": "Zoé", "email": "zoe@example.org", "role": "admin"}
    with runtime.database.writing() as db:
        add_staff(db, **account, password="cafe\u0301 et croissants ", now=NOW)
    with runtime.database.reading() as db:
        assert check_password(db, "zoe@example.org", "caf\u00e9 et croissants") is not None


def test_a_facilitator_learns_no_addresses_from_the_list_of_registrations(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    signed_up(runtime, session_id, "Alex")
    found = {}
    for role in ("facilitator", "coordinator"):
        with runtime.database.writing() as db:
            token = make_token(db, email=f"{role}@example.org", days=1, now=datetime.now(UTC))
        headers = {"Authorization": f"Bearer {token}"}
        [row] = client.get(f"/api/v1/sessions/{session_id}/registrations", headers=headers).json
        found[role] = row["email"]
    assert found == {"facilitator": "", "coordinator": "alex@example.org"}


def test_times_of_another_zone_or_online_are_shown_with_their_zone(
    runtime: Runtime, client: FlaskClient
) -> None:
    shown = [
        visit(client, f"/sign-up/{tell_of(runtime, soon(**where))}").text
        for where in ({}, {"zone": "America/St_Johns"}, {"online": True})
    ]
    assert "Time)" not in shown[0]
    assert "(Newfoundland Time)" in shown[1]
    assert "(Eastern Time)" in shown[2]
