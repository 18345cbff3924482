"""`turnout person`: what it writes, what it asks for, and what it says while others are away."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra.cli import turnout
from infra.composition import opened
from infra.migrations import migrate_all
from services.chassis.audit import AuditFilter, found_entries
from services.chassis.config import read_settings
from services.registration.accounts import add_staff
from tests.people.test_erasing import EMAIL, NAME, sign_up_marker
from tests.registration.factories import NOW, a_session, signed_up


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TURNOUT_DATA", str(tmp_path / "data"))
    list(migrate_all(read_settings()))
    with opened("registration", read_settings()) as registration:
        sign_up_marker(registration, a_session(registration))
    return tmp_path


def person(*arguments: str) -> Result:
    return CliRunner().invoke(turnout, ["person", *arguments, "--wait", "0"])


def test_export_writes_three_files_for_their_owner_alone_and_names_who_is_away(data: Path) -> None:
    result = person("export", EMAIL, "--output", str(data / "out"))
    assert result.exit_code == 0, result.output
    assert "registration: done" in result.output
    assert "notify: delayed" in result.output
    files = {path.name: path for path in (data / "out").iterdir()}
    assert set(files) == {"person.json", "person.en.html", "person.fr.html"}
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    found = json.loads(files["person.json"].read_text(encoding="utf-8"))
    assert found["delayed"] == ["catalog", "notify"]
    assert found["found"]["registration"]["places"][0]["name"] == NAME
    assert "n’a pas pu répondre" in files["person.fr.html"].read_text(encoding="utf-8")


def test_erase_asks_first_and_then_does_it_though_others_are_away(data: Path) -> None:
    assert person("erase", EMAIL).exit_code == 1
    result = person("erase", EMAIL, "--yes", "--reason", "by letter")
    assert result.exit_code == 0, result.output
    assert "1 place is about nobody any more." in result.output
    assert "catalog: delayed; it goes on by itself" in result.output
    with (
        opened("registration", read_settings()) as registration,
        registration.database.reading() as db,
    ):
        [entry] = found_entries(db, AuditFilter(), most=5)
    assert (entry.actor, entry.action) == ("command line", "erase_person")
    again = person("erase", EMAIL, "--yes")
    assert "0 places are" in again.output


def test_of_a_shared_address_it_wants_to_know_who_is_meant(data: Path) -> None:
    with opened("registration", read_settings()) as registration:
        signed_up(registration, a_session(registration), "Ana Roy", email=EMAIL)
    refused = person("export", EMAIL, "--output", str(data))
    assert refused.exit_code == 1
    assert f"{NAME}, Ana Roy share this address" in refused.output
    assert person("export", EMAIL, "--name", "Ana Roy", "--output", str(data)).exit_code == 0
    assert person("erase", EMAIL, "--everybody", "--yes").exit_code == 0


def test_of_a_staff_account_it_says_what_it_leaves(data: Path) -> None:
    with (
        opened("registration", read_settings()) as registration,
        registration.database.writing() as db,
    ):
        add_staff(
            db, name=NAME, email=EMAIL, role="admin", password="a long enough password", now=NOW
        )
    result = person("erase", EMAIL, "--yes")
    assert "has a staff account too" in result.output
