"""On a site where all is well no invariant has anything to say, whatever has happened there."""

from datetime import timedelta

from services.contracts.sessions import SESSION_CANCELLED, SESSION_CHANGED
from services.registration.places import accept_offer
from services.registration.staff_actions import (
    confirm_by_staff,
    hold_back,
    move_by_staff,
    offer_by_staff,
)
from tests.reconciling.conftest import Scene
from tests.reconciling.trio import NOW

WHY = {"actor": "Coordinator", "reason": "because"}


def test_a_session_with_a_line(scene: Scene) -> None:
    assert scene.trio.broken() == {}


def test_what_happened_just_now_is_no_finding_though_nothing_has_been_carried(scene: Scene) -> None:
    scene.trio.sign_up(scene.session_id, "Latecomer")
    scene.trio.give_up(scene.seated[0])
    assert scene.trio.broken(NOW + timedelta(minutes=4)) == {}


def test_a_busy_life(scene: Scene) -> None:
    trio, (first, second) = scene.trio, scene.waiting
    other = trio.publish(capacity=1)
    trio.give_up(scene.seated[0])
    with trio.writing("registration") as db:
        accept_offer(db, first, now=NOW)
        hold_back(db, second, **WHY, now=NOW)
    overtaking = trio.sign_up(scene.session_id, "Third in line").registration.id
    late = trio.sign_up(scene.session_id, "Fourth in line").registration.id
    with trio.writing("registration") as db:
        offer_by_staff(db, late, **WHY, over_capacity=True, now=NOW)
        move_by_staff(db, scene.seated[1], other, **WHY, now=NOW)
        confirm_by_staff(db, second, **WHY, over_capacity=True, now=NOW)
    trio.settle()
    assert trio.broken() == {}
    trio.publish(SESSION_CHANGED, session_id=scene.session_id, capacity=1)
    trio.publish(SESSION_CHANGED, session_id=scene.session_id, capacity=9)
    trio.give_up(overtaking)
    trio.settle()
    assert trio.broken() == {}
    trio.publish(SESSION_CANCELLED, session_id=scene.session_id, status="cancelled")
    assert trio.broken() == {}
