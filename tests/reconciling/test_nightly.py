"""The nightly check: once a day, made up when missed, shown to staff, gone when it is gone."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from infra.nightly import check_when_due
from services.catalog.models import SeatCount
from services.chassis.web import create_app
from services.registration.accounts import add_staff
from services.registration.checking_models import Discrepancy, NightlyCheck
from services.registration.models import StaffTask
from tests.pages import sign_in, visit
from tests.reconciling.conftest import Scene
from tests.reconciling.faults import FAULTS, change
from tests.reconciling.trio import NOW
from tests.registration.conftest import PASSWORD

TONIGHT = NOW.replace(day=3, hour=9)
"""Four in the morning in Toronto, the night after all that happened."""

NIGHT = timedelta(days=1)


def days_checked(scene: Scene) -> list[str]:
    with scene.trio.runtimes["registration"].database.reading() as db:
        days = db.scalars(sa.select(NightlyCheck.day).order_by(NightlyCheck.day))
        return [day.isoformat() for day in days]


def noted(scene: Scene) -> list[tuple[str, bool]]:
    """What has been found, and whether it is gone."""
    with scene.trio.runtimes["registration"].database.reading() as db:
        rows = db.scalars(sa.select(Discrepancy).order_by(Discrepancy.found_at, Discrepancy.name))
        return [(row.name, row.gone_at is not None) for row in rows]


def tasks(scene: Scene) -> list[bool]:
    """Of each task that the check has made whether it is still open."""
    with scene.trio.runtimes["registration"].database.reading() as db:
        query = sa.select(StaffTask).where(StaffTask.kind == "discrepancies")
        return [task.done_at is None for task in db.scalars(query.order_by(StaffTask.id))]


def staff(scene: Scene, role: str = "coordinator") -> FlaskClient:
    registration = scene.trio.runtimes["registration"]
    with registration.database.writing() as db:
        account = {"name": role.title(), "email": f"{role}@example.org", "password": PASSWORD}
        add_staff(db, **account, role=role, now=NOW)
    scene.trio.settle()
    client = create_app(registration).test_client()
    sign_in(client, f"{role}@example.org", PASSWORD)
    return client


def test_it_is_made_once_a_night_and_a_missed_one_is_made_up(scene: Scene) -> None:
    before_half_past_three = TONIGHT - timedelta(minutes=31)
    for now in (NOW, before_half_past_three, TONIGHT, TONIGHT + timedelta(hours=9)):
        check_when_due(scene.trio.runtimes, now)
    assert days_checked(scene) == ["2026-03-02", "2026-03-03"]
    check_when_due(scene.trio.runtimes, TONIGHT + 5 * NIGHT + timedelta(hours=3))
    assert days_checked(scene)[2:] == ["2026-03-08"]


def test_a_finding_is_noted_once_and_gone_when_it_is_gone(scene: Scene) -> None:
    FAULTS["the_calendar_shows_the_seats"](scene)
    for nights in range(2):
        check_when_due(scene.trio.runtimes, TONIGHT + nights * NIGHT)
    assert noted(scene) == [("the_calendar_shows_the_seats", False)]
    change(scene, SeatCount, service="catalog", held=2)
    check_when_due(scene.trio.runtimes, TONIGHT + 2 * NIGHT)
    assert noted(scene) == [("the_calendar_shows_the_seats", True)]
    assert tasks(scene) == [False]
    FAULTS["the_calendar_shows_the_seats"](scene)
    check_when_due(scene.trio.runtimes, TONIGHT + 3 * NIGHT)
    assert noted(scene) == [(("the_calendar_shows_the_seats"), gone) for gone in (True, False)]


def test_many_findings_are_one_task(scene: Scene) -> None:
    FAULTS["the_calendar_shows_the_seats"](scene)
    FAULTS["mail_is_about_places"](scene)
    check_when_due(scene.trio.runtimes, TONIGHT)
    assert len(noted(scene)) == 2
    assert tasks(scene) == [True]


@pytest.mark.parametrize("dialect", ["sqlite"])
@time_machine.travel(TONIGHT + NIGHT, tick=False)
def test_staff_read_what_is_wrong_since_when_where_and_what_to_do(scene: Scene) -> None:
    FAULTS["the_calendar_shows_the_seats"](scene)
    FAULTS["mail_is_about_places"](scene)
    check_when_due(scene.trio.runtimes, TONIGHT)
    client = staff(scene)
    assert "/staff/discrepancies" in visit(client, "/staff/tasks").links
    page = visit(client, "/staff/discrepancies")
    assert "The calendar shows other numbers of seats than there are." in page.text
    assert "See whether an event about it waits or is parked" in page.text
    assert "Tuesday 3 March 2026 at 4:00" in page.text
    assert f"/staff/sessions/{scene.session_id}" in page.links
    change(scene, SeatCount, service="catalog", held=2)
    check_when_due(scene.trio.runtimes, TONIGHT + NIGHT)
    assert "Where Since Gone Session" in visit(client, "/staff/discrepancies").text
    french = visit(client, "/staff/discrepancies?lang=fr").text
    assert "Le calendrier affiche d’autres nombres de places que les vrais." in french


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_quiet_night_is_told_as_well(scene: Scene) -> None:
    client = staff(scene, "admin")
    assert "The first check is still to come." in visit(client, "/staff/discrepancies").text
    check_when_due(scene.trio.runtimes, TONIGHT)
    text = visit(client, "/staff/discrepancies").text
    assert "Everything adds up" in text
    assert "Last checked: " in text


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_facilitator_has_no_business_there(scene: Scene) -> None:
    client = staff(scene, "facilitator")
    assert client.get("/staff/discrepancies").status_code == 403
