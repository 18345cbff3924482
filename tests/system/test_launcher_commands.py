"""The commands of `turnout` that look into databases, with real ones."""

import sqlite3
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from infra.cli import turnout
from infra.composition import begin
from infra.embedded_broker import broker_command, stop_left_behind
from infra.first_accounts import accounts_file, read_accounts
from services.catalog.models import WorkshopSession
from services.chassis.audit import Act, append
from services.chassis.config import broker_socket
from services.chassis.staff import StaffMember
from services.contracts import SERVICES
from tests.databases import settings_for
from tests.system.launcher import eventually

LISTING = "{date} | Renfrew, Ontario | English | $20\nSteward Basics\nA first day for stewards.\n"


@pytest.fixture
def data(tmp_path):
    assert run(tmp_path, "migrate").exit_code == 0
    return tmp_path


def run(data, *arguments, stdin=None, **environ):
    env = {"TURNOUT_DATA": str(data), "COLUMNS": "200"} | environ
    return CliRunner().invoke(turnout, arguments, env=env, input=stdin, prog_name="turnout")


def listing_ahead(data):
    day = datetime.now(UTC) + timedelta(days=60)
    path = data / "listing.txt"
    path.write_text(LISTING.format(date=f"{day:%B} {day.day}, {day.year}"))
    return str(path)


def test_migrating_brings_every_database_to_its_newest_revision_and_may_be_repeated(tmp_path):
    first, second = run(tmp_path, "migrate"), run(tmp_path, "migrate")
    assert first.exit_code == 0
    assert [line.partition(":")[0] for line in first.stdout.splitlines()] == list(SERVICES)
    assert second.stdout == first.stdout


def test_a_dry_run_stores_nothing_and_an_import_makes_drafts_once(data):
    path = listing_ahead(data)
    dry = run(data, "import", path, "--dry-run")
    assert "1 new" in dry.stdout
    assert "Nothing was stored." in dry.stdout
    assert "1 new" in run(data, "import", path).stdout
    again = run(data, "import", path)
    assert (again.exit_code, "0 new" in again.stdout) == (0, True)
    assert "1 unchanged" in again.stdout


def test_a_listing_can_come_from_standard_input(data):
    day = datetime.now(UTC) + timedelta(days=60)
    text = LISTING.format(date=f"{day:%B} {day.day}, {day.year}")
    assert "1 new" in run(data, "import", "-", "--dry-run", stdin=text).stdout


def test_what_is_no_listing_is_refused_with_the_reason(data):
    (data / "letter.txt").write_text("Dear all,\nno dates here.\n")
    result = run(data, "import", str(data / "letter.txt"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("turnout: this listing cannot be imported: no line in it")


def test_a_staff_account_is_added_once_and_can_have_a_token(data):
    given = ("staff", "add", "robin@example.org", "--name", "Robin", "--role", "admin")
    stdin = "a long enough secret\na long enough secret\n"
    assert run(data, *given, stdin=stdin).exit_code == 0
    again = run(data, *given, stdin=stdin)
    assert again.exit_code == 1
    assert "turnout: somebody with this e-mail address has an account already." in again.stderr
    token = run(data, "token", "robin@example.org")
    assert token.exit_code == 0
    assert len(token.stdout.strip()) >= 32


def test_an_operator_resets_a_second_factor_also_of_an_account_that_has_none_yet(data):
    given = ("staff", "add", "robin@example.org", "--name", "Robin", "--role", "admin")
    run(data, *given, stdin="a long enough secret\na long enough secret\n")
    reset = ("staff", "reset-second-factor")
    assert run(data, *reset, "robin@example.org").stdout == (
        "robin@example.org sets up the second step at the next sign-in.\n"
    )
    refused = run(data, *reset, "nobody@example.org")
    assert refused.exit_code == 1
    assert refused.stderr == "turnout: nobody with this e-mail address has an account.\n"


def test_a_token_for_nobody_is_refused(data):
    result = run(data, "token", "nobody@example.org")
    assert result.exit_code == 1
    assert result.stderr == "turnout: nobody with this e-mail address has an account.\n"


def test_the_roster_of_no_session_is_refused(data):
    result = run(data, "roster", "0199c0de-0000-7000-8000-000000000000")
    assert result.exit_code == 1
    assert result.stderr.startswith("turnout: there is no session 0199c0de")


def test_a_database_that_was_never_migrated_is_said_so(tmp_path):
    result = run(tmp_path, "token", "nobody@example.org")
    assert result.exit_code == 1
    assert result.stderr.startswith("turnout: the database of registration ")
    assert "no such table" in result.stderr


def test_a_new_site_gets_its_accounts_once(tmp_path):
    assert run(tmp_path, "prepare").exit_code == 0
    accounts = read_accounts(tmp_path)
    assert [each.role for each in accounts] == ["admin"]
    assert stat.S_IMODE(accounts_file(tmp_path).stat().st_mode) == 0o600
    assert run(tmp_path, "prepare", "--demo").exit_code == 0
    assert read_accounts(tmp_path) == accounts


def test_a_site_that_is_not_running_is_examined_and_each_problem_has_its_cure(data):
    result = run(data, "doctor")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    problems = [number for number, line in enumerate(lines) if line.startswith("problem")]
    assert any("broker: does not answer" in lines[number] for number in problems)
    assert any("no clock has been at work yet" in lines[number] for number in problems)
    assert all(lines[number + 1].startswith("         ") for number in problems)


def test_a_health_check_fails_while_the_process_is_not_at_work(data):
    for process in ("web", "worker", "clock"):
        result = run(data, "health", "catalog", "--of", process, TURNOUT_PORT="1")
        assert result.exit_code == 1
        assert process in result.stdout


def test_a_broker_that_was_left_behind_is_stopped(tmp_path):
    settings = settings_for(tmp_path)
    path = broker_socket(settings.data)
    path.parent.mkdir(parents=True)
    assert not stop_left_behind(path)
    command = broker_command(path, path.parent)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as broker:
        eventually(path.exists)
        assert stop_left_behind(path)
        assert broker.wait(timeout=10) == 0
    assert not stop_left_behind(path)


def test_the_demonstration_leaves_only_drafts_with_an_open_question(tmp_path):
    result = run(tmp_path, "prepare", "--demo")
    published = sessions_by_status(tmp_path, "published")
    assert f"a demonstration with {len(published)} workshop sessions" in result.stdout
    assert len(published) >= 10
    assert all(each.flags for each in sessions_by_status(tmp_path, "draft"))


def test_a_first_start_that_was_broken_off_is_begun_again_without_doubling(tmp_path):
    run(tmp_path, "prepare", "--demo")
    before = len(sessions_by_status(tmp_path, "published"))
    forget_staff(tmp_path)
    assert run(tmp_path, "prepare", "--demo").exit_code == 0
    assert len(sessions_by_status(tmp_path, "published")) == before


def sessions_by_status(data, status):
    catalog = begin("catalog", settings_for(data))
    with catalog.database.reading() as db:
        found = db.scalars(sa.select(WorkshopSession).where(WorkshopSession.status == status)).all()
    catalog.database.dispose()
    return found


def forget_staff(data):
    registration = begin("registration", settings_for(data))
    with registration.database.writing() as db:
        for each in db.scalars(sa.select(StaffMember)):
            db.delete(each)
    registration.database.dispose()


def an_act_by_robin(data, *, subject, **details):
    runtime = begin("registration", settings_for(data))
    with runtime.database.writing() as db:
        act = Act("0190", "Robin", "coordinator", "get_roster", subject, details)
        append(db, act, datetime.now(UTC))
    runtime.database.dispose()


def test_the_audit_logs_are_whole_until_somebody_writes_into_one(data):
    an_act_by_robin(data, subject="session:1")
    whole = run(data, "audit", "verify")
    assert whole.exit_code == 0
    (head,) = [each for each in whole.stdout.splitlines() if each.startswith("registration:1:")]
    an_act_by_robin(data, subject="session:2")
    assert run(data, "audit", "verify", "--head", head).exit_code == 0
    with sqlite3.connect(data / "registration.sqlite3") as database:
        database.execute("UPDATE audit_entry SET actor = 'Kim' WHERE number = 1")
    database.close()
    broken = run(data, "audit", "verify")
    assert broken.exit_code == 1
    assert "registration: the log was changed, or lacks something, at entry 1" in broken.stderr
    forged = head.rpartition(":")[0] + ":" + "0" * 64
    assert (
        "entry 1 is not the one that was noted"
        in run(data, "audit", "verify", "--head", forged).stderr
    )


@pytest.mark.parametrize("head", ["registration", "registration:x:y", "payroll:1:ab", "notify:1:"])
def test_a_head_that_cannot_be_read_is_named(data, head):
    result = run(data, "audit", "verify", "--head", head)
    assert result.exit_code == 1
    assert head in result.stderr


def test_who_saw_what_is_listed_over_all_services(data):
    an_act_by_robin(data, subject="session:1", shown=["get_roster"])
    an_act_by_robin(data, subject="session:2")
    listed = run(data, "audit", "show", "--about", "session:1").stdout
    assert "Robin (coordinator)  get_roster  session:1  shown get_roster" in listed
    assert "session:2" not in listed
    assert run(data, "audit", "show", "--by", "Kim").stdout == "There is no such entry.\n"
    unknown = run(data, "audit", "show", "--about", "nobody@example.org")
    assert (unknown.exit_code, unknown.stderr) == (
        1,
        "turnout: nobody is known by nobody@example.org.\n",
    )
