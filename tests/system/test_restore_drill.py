"""One service set back to an earlier moment: the others heal it, and nobody is told twice."""

import shutil
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.catalog import commands
from services.chassis.staff import StaffMember
from services.notify.held_mail import drop, held_mail, release
from services.notify.models import HELD, Delivery
from services.registration.accounts import add_staff
from services.registration.models import StaffTask
from services.registration.places import give_up
from services.registration.sign_ins import begin_sign_in, end_sign_in
from services.registration.tasks import LOST_IN_RESTORE
from tests.databases import SECRET
from tests.system.test_backup import run, the_set, well
from tests.system.three_services import Services, now


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    data = tmp_path_factory.mktemp("empty") / "var"
    data.mkdir()
    (data / "secret_key").write_text(SECRET)
    well(run(data, "prepare"))
    return data


@pytest.fixture
def services(empty, tmp_path):
    found = Services(Path(shutil.copytree(empty, tmp_path / "var")))
    found.open()
    found.settle()
    yield found
    found.close()


def back_up(services):
    folder = services.data.parent / "sets"
    well(run(services.data, "backup", str(folder)))
    return the_set(folder)


@contextmanager
def restored(services, folder, name):
    """The service's database set back, and everything handed on again."""
    services.close()
    well(run(services.data, "restore", str(folder), "--only", name, "--yes"))
    services.open()
    services.settle()
    yield


def cancel(services, registration_id):
    with services.runtimes["registration"].database.writing() as db:
        give_up(db, registration_id, now=now())
    services.settle()


def deliveries(services):
    with services.runtimes["notify"].database.reading() as db:
        return {row.dedupe_key: row.state for row in db.scalars(sa.select(Delivery))}


def tasks(services):
    with services.runtimes["registration"].database.reading() as db:
        return [
            each.words
            for each in db.scalars(sa.select(StaffTask).order_by(StaffTask.id))
            if each.kind == LOST_IN_RESTORE
        ]


def test_notify_learns_what_it_has_lost_and_sends_nobody_a_second_mail(services):
    session = services.publish_session()
    alex = services.sign_up(session, "Alex")
    folder = back_up(services)
    services.sign_up(session, "Billie")
    services.sign_up(session, "Chris")
    cancel(services, alex)
    before, mail, wanted = services.states(), services.mail_to(), deliveries(services)
    with restored(services, folder, "notify"):
        assert services.states() == before
        assert services.mail_to() == mail
        assert set(deliveries(services)) == set(wanted)
        held = {key for key, state in deliveries(services).items() if state == HELD}
        assert len(held) == len(mail) - 1  # All but Alex's, who had signed up before the backup.
        assert services.offences() == set()


def test_what_is_held_goes_out_or_stays_as_staff_decide_and_only_if_it_is_true(services):
    session = services.publish_session()
    folder = back_up(services)
    alex = services.sign_up(session, "Alex")
    services.sign_up(session, "Billie")
    with restored(services, folder, "notify"):
        cancel(services, alex)
        before = services.mail_to()
        with services.runtimes["notify"].database.writing() as db:
            mails, total = held_mail(db, 10)
            assert total == 2
            billie = next(each for each in mails if each.recipient_name == "Billie")
            assert drop(db, newest=mails[-1].id, only=billie.id, now=now()) == 1
            assert release(db, newest=mails[-1].id, now=now()) == 1
        services.settle()
        assert services.mail_to() == before  # Alex has cancelled meanwhile.
        assert set(deliveries(services).values()) <= {"superseded", "accepted"}


def test_registration_learns_of_sessions_and_says_its_seats_anew(services):
    session = services.publish_session(capacity=2)
    services.sign_up(session, "Alex")
    folder = back_up(services)
    services.edit_session(session, capacity=5)
    services.sign_up(session, "Billie")
    another = services.publish_session()
    services.sign_up(another, "Chris")
    mail = services.mail_to()
    with restored(services, folder, "registration"):
        states = services.states()
        assert states["sessions"][session][1] == 5
        assert states["seats"] == {session: (1, 0), another: (0, 0)}
        assert services.mail_to() == mail
        assert len(tasks(services)) == 2
        assert any("billie@example.org" in each for each in tasks(services))
        drew = services.sign_up(another, "Drew")
        after = services.states()
        assert after["seats"][another] == (1, 0)
        assert after["told"][drew] == "confirmed"
        assert services.mail_to() - mail == Counter(
            {("Drew <drew@example.org>", subject_for("Drew", services)): 1}
        )


def subject_for(name, services):
    [found] = [str(each["Subject"]) for each in services.mail() if name in str(each["To"])]
    return found


def test_a_place_that_changed_in_the_lost_hours_becomes_a_task(services):
    session = services.publish_session()
    alex = services.sign_up(session, "Alex")
    folder = back_up(services)
    cancel(services, alex)
    mail = services.mail_to()
    with restored(services, folder, "registration"):
        assert services.states()["places"][alex] == "confirmed"
        assert [each.rpartition(": ")[2] for each in tasks(services)] == ["cancelled"]
        cancel(services, alex)
        assert services.states()["told"][alex] == "cancelled"
        assert services.mail_to() == mail  # The second cancellation is held: it repeats the first.
        assert HELD in deliveries(services).values()


def test_what_was_signed_out_stays_so_in_all_three(services):
    account = {"name": "Sam", "email": "sam@example.org", "role": "admin"}
    with services.runtimes["registration"].database.writing() as db:
        sam = add_staff(db, **account, password="heron over a quiet lake", now=now())
        signed_in = begin_sign_in(db, sam, browser="Firefox", now=now())
    folder = back_up(services)
    with services.runtimes["registration"].database.writing() as db:
        assert end_sign_in(db, signed_in.id, staff_id=sam.id, now=now())
    services.settle()
    with restored(services, folder, "registration"):
        for runtime in services.runtimes.values():
            with runtime.database.reading() as db:
                assert db.get_one(StaffMember, sam.id).sign_in_epoch > signed_in.epoch


def test_the_catalogue_takes_over_what_it_had_announced_and_is_heard_again(services):
    session = services.publish_session()
    off = services.publish_session()
    services.sign_up(session, "Alex")
    folder = back_up(services)
    later = services.states()["sessions"][session][2] + timedelta(days=7)
    days = [{"date": later, "starts": None, "ends": None}]
    services.edit_session(session, days=days, capacity=9, city="Timmins")
    cancel_session(services, off)
    new = services.publish_session(capacity=7)
    services.sign_up(new, "Billie")
    before, mail = services.states(), services.mail_to()
    with restored(services, folder, "catalog"):
        assert services.states() == before
        assert services.mail_to() == mail
        assert services.offences() == set()
        services.edit_session(session, capacity=12, room="Room 3")
        assert services.states()["sessions"][session][1] == 12
        assert len(services.mail()) == sum(mail.values()) + 1  # Alex hears of the room.


def cancel_session(services, session_id):
    with services.runtimes["catalog"].database.writing() as db:
        commands.cancel_session(db, session_id, reason="Snow", actor="Sam", now=now())
    services.settle()


def test_all_three_come_back_as_they_were_and_nothing_goes_out(services):
    session = services.publish_session()
    services.sign_up(session, "Alex")
    before, mail = services.states(), services.mail_to()
    folder = back_up(services)
    services.close()
    well(run(services.data, "restore", str(folder), "--yes"))
    services.open()
    services.settle()
    assert (services.states(), services.mail_to(), services.offences()) == (before, mail, set())
