"""The roster as comma-separated values."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.roster import Roster
from services.documents.roster_csv import roster_csv
from tests.unit.documents.factories import (
    FORMULA_PAYLOADS,
    NAMES_OF_THE_WORLD,
    a_person,
    a_roster,
)


def read(roster: Roster) -> list[list[str]]:
    text = roster_csv(roster).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_a_row_holds_each_fact_of_a_person_in_its_own_column() -> None:
    head, person = read(a_roster(rows=(a_person(phone=""),)))

    assert head[:7] == ["Name", "Local", "Role", "E-mail", "Phone", "Status", "Note"]
    assert person[:7] == [
        "Ann Lee",
        "Local 254, Municipal and Library Workers",
        "Chief steward",
        "ann.lee@example.org",
        "",
        "Confirmed",
        "Arrives at 9:30",
    ]


def test_each_day_has_an_empty_column_to_sign_in() -> None:
    head, *rows = read(a_roster())

    assert head[7:] == ["Sign-in Sat 28 Feb", "Sign-in Sun 1 Mar"]
    assert all(row[7:] == ["", ""] for row in rows)


def test_headings_and_states_are_in_the_language_of_the_roster() -> None:
    head, person = read(a_roster(language="fr", rows=(a_person(status="offered"),)))

    assert head[0] == "Nom"
    assert head[-1] == "Signature dim. 1er mars"
    assert person[5] == "Place offerte"


def test_the_file_starts_with_the_mark_that_excel_looks_for_and_ends_lines_with_crlf() -> None:
    file = roster_csv(a_roster())

    assert file.startswith(b"\xef\xbb\xbf")
    assert file.endswith(b"\r\n")
    assert file.count(b"\n") == file.count(b"\r\n") == 3


def test_a_roster_without_people_is_its_headings() -> None:
    assert len(read(a_roster(rows=()))) == 1


@pytest.mark.parametrize("payload", FORMULA_PAYLOADS)
@pytest.mark.parametrize("field", ["name", "local", "role", "email", "phone", "note", "status"])
def test_no_cell_can_be_taken_for_a_formula(field: str, payload: str) -> None:
    _, person = read(a_roster(rows=(a_person(**{field: payload}),)))

    assert len(person) == 9
    for cell in person:
        assert not re.match(r"[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)
        assert not cell.startswith(("\t", "\r", "\0"))


def test_an_apostrophe_is_all_that_a_dangerous_cell_gains() -> None:
    _, person = read(a_roster(rows=(a_person(phone="+1 416 555 0100"),)))

    assert person[4] == "'+1 416 555 0100"


def test_a_formula_hidden_behind_a_semicolon_is_harmless_where_semicolons_separate() -> None:
    file = roster_csv(a_roster(rows=(a_person(note='vegan;=cmd|"/C calc"!A0\n=1+1'),)))

    split_by_semicolons = re.split(r"[;\r\n]", file.decode("utf-8-sig"))

    assert not [cell for cell in split_by_semicolons if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("name", NAMES_OF_THE_WORLD)
def test_a_name_comes_back_as_it_was_given(name: str) -> None:
    _, person = read(a_roster(rows=(a_person(name),)))

    assert person[0] == name


@pytest.mark.parametrize("name", ['Ann "Annie" Lee', "Lee, Ann", "two\nlines", "semi;colon"])
def test_quotes_commas_and_line_breaks_stay_inside_their_cell(name: str) -> None:
    _, person = read(a_roster(rows=(a_person(name),)))

    assert person[0] == name


@given(name=st.text(), note=st.text())
def test_any_text_can_be_written_and_read_back_as_one_row(name: str, note: str) -> None:
    rows = read(a_roster(rows=(a_person(name, note=note),)))

    assert [len(row) for row in rows] == [9, 9]
    assert not rows[1][0].lstrip().startswith(("=", "+", "-", "@"))


def test_half_a_character_does_not_stop_the_file() -> None:
    _, person = read(a_roster(rows=(a_person("Zoe \ud83d"),)))

    assert person[0] == "Zoe \ufffd"
