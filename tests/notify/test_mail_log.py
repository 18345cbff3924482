"""The mail log: what it finds, how it is read, and how it is taken away as a table."""

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.notify import mail_log
from services.notify.deliveries import search_text
from services.notify.models import Delivery
from tests.notify.factories import NOW, a_contact, a_session, confirmed, offered, waitlisted
from tests.notify.post import deliveries, letters, receive, send_all
from tests.notify.test_pages import signed_in
from tests.pages import Page, submit, visit

LOG = "/staff/mail/log"
OTHER_SESSION = UUID("018f0000-0000-7000-8000-000000000009")


def write_to(runtime: Runtime, name: str, email: str, **but: Any) -> None:
    """Let somebody new be told that their place is confirmed."""
    at = but.pop("at", NOW)
    contact = a_contact(name=name, email=email)
    receive(runtime, confirmed(registration_id=new_id(), recipient=contact, **but), at=at)


def look(client: FlaskClient, **asked: object) -> Page:
    """The log, searched by its form for words and narrowed by its address for the rest."""
    words = asked.pop("q", "")
    page = visit(client, f"{LOG}?{urlencode(asked)}")
    return submit(client, page, "/log", q=str(words)) if words else page


def found(page: Page) -> int:
    """How many messages the page links to."""
    return len({each for each in page.links if each.startswith("/staff/mail/0")})


def edit(runtime: Runtime, email: str, **values: Any) -> None:
    with runtime.database.writing() as db:
        db.execute(sa.update(Delivery).where(Delivery.recipient_email == email).values(**values))


def rows_of(client: FlaskClient, **asked: object) -> list[list[str]]:
    if "q" in asked:
        look(client, q=asked.pop("q"))
        asked["words"] = "kept"
    answer = client.get(f"{LOG}.csv?{urlencode(asked)}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("path", [LOG, f"{LOG}.csv", f"/staff/mail/{UUID(int=7)}"])
def test_only_admins_and_coordinators_read_the_log(
    runtime: Runtime, client: FlaskClient, path: str
) -> None:
    assert client.get(path).status_code == 302
    assert signed_in(runtime, client, "facilitator").get(path).status_code == 403


@pytest.mark.parametrize(
    "words",
    [
        "bélanger",
        "BELANGER emilie",
        "d'amours",
        "e.belanger@example",
        "émilie formation",
        "Steward D’Amours",
    ],
)
def test_a_person_is_found_whatever_the_case_and_the_accents(
    runtime: Runtime, client: FlaskClient, words: str
) -> None:
    write_to(runtime, "Émilie Bélanger-D’Amours", "e.belanger@example.org")
    write_to(runtime, "Ann Lee", "ann@example.org")
    page = look(signed_in(runtime, client), q=words)
    assert "One message" in page.text
    assert "Émilie Bélanger-D’Amours" in page.text
    assert "Ann Lee" not in page.text
    assert page.form("/log").fields["q"] == words


def test_signs_that_databases_give_a_meaning_are_taken_as_they_are(
    runtime: Runtime, client: FlaskClient
) -> None:
    write_to(runtime, "Ann_Lee 100%", "ann@example.org")
    write_to(runtime, "Annelee", "other@example.org")
    signed_in(runtime, client)
    assert found(look(client, q="ann_lee")) == 1
    assert found(look(client, q="100%")) == 1
    assert found(look(client, q="%")) == 1
    assert found(look(client, q="\\")) == 0


def test_a_session_is_found_by_its_title_and_from_other_pages(
    runtime: Runtime, client: FlaskClient
) -> None:
    session = a_session(session_id=OTHER_SESSION, title={"en": "Grievances", "fr": "Les griefs"})
    write_to(runtime, "Ann Lee", "ann@example.org", session=session)
    write_to(runtime, "Jo Roy", "jo@example.org")
    signed_in(runtime, client)
    assert found(look(client, q="griefs")) == 1
    page = look(client, session=OTHER_SESSION)
    assert "One message – Grievances" in page.text
    assert "Jo Roy" not in page.text
    kept = submit(client, page, "/log", q="nobody")
    assert kept.form("/log").fields["session"] == str(OTHER_SESSION)


def test_the_mail_page_leads_to_the_log_of_a_session(runtime: Runtime, client: FlaskClient) -> None:
    signed_in(runtime, client)
    answer = client.get(f"/staff/mail?session={OTHER_SESSION}")
    assert answer.location == f"{LOG}?session={OTHER_SESSION}"
    page = submit(client, visit(client, "/staff/mail"), "/log", q="Zoë")
    assert page.response.request.path == LOG
    assert page.form("/log").fields["q"] == "Zoë"


def test_state_kind_and_days_narrow_the_list(runtime: Runtime, client: FlaskClient) -> None:
    write_to(runtime, "Ann Lee", "ann@example.org")
    receive(runtime, waitlisted(registration_id=new_id(), recipient=a_contact(email="nobody")))
    send_all(runtime)
    receive(runtime, offered(registration_id=new_id()), at=NOW + timedelta(days=2))
    signed_in(runtime, client)
    assert found(look(client)) == 3
    assert "This is not an e-mail address" in look(client, state="failed").text
    assert found(look(client, state="failed")) == 1
    assert found(look(client, kind="waitlisted")) == 1
    assert found(look(client, since="2026-02-11")) == 1
    assert found(look(client, since="2026-02-10", until="2026-02-10")) == 2
    page = look(client, state="failed", until="2026-02-10")
    fields = page.form("/log").fields
    del fields["csrf_token"]
    assert fields == {
        "q": "",
        "state": "failed",
        "kind": "",
        "since": "",
        "until": "2026-02-10",
    }


def test_a_day_is_one_of_the_staffs_clocks(runtime: Runtime, client: FlaskClient) -> None:
    late = NOW.replace(day=11, hour=3)
    write_to(runtime, "Ann Lee", "ann@example.org", at=late)
    signed_in(runtime, client)
    assert found(look(client, since="2026-02-10", until="2026-02-10")) == 1
    assert found(look(client, since="2026-02-11")) == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"since": "yesterday"}, "This is not a date"),
        ({"until": "9999-12-31"}, "This is not a date"),
        ({"since": "2026-02-10", "until": "2026-02-09"}, "The last day is before the first."),
        ({"state": "lost"}, "Please choose one of the answers."),
        ({"session": "nonsense"}, "This is not one of our identifiers."),
        ({"q": "a\x00b"}, "characters that cannot be shown"),
    ],
)
def test_what_cannot_be_looked_for_is_said(
    runtime: Runtime, client: FlaskClient, asked: dict[str, str], words: str
) -> None:
    page = look(signed_in(runtime, client), **asked)
    assert page.response.status_code == 422
    assert words in page.text
    rest = {"words": "kept"} if "q" in asked else asked
    assert client.get(f"{LOG}.csv?{urlencode(rest)}").status_code == 422


def test_nothing_found_and_nothing_there_are_told_apart(
    runtime: Runtime, client: FlaskClient
) -> None:
    signed_in(runtime, client)
    assert "No mail yet" in look(client).text
    write_to(runtime, "Ann Lee", "ann@example.org")
    assert "No message fits what you are looking for" in look(client, q="Zzyzx").text
    assert "There is no such page" in look(client, page=9).text


def test_the_log_has_pages_of_fifty_that_keep_what_was_looked_for(
    runtime: Runtime, client: FlaskClient
) -> None:
    for number in range(52):
        write_to(runtime, f"Ann {number}", f"ann{number}@example.org")
    write_to(runtime, "Jo Roy", "jo@example.org")
    first = look(signed_in(runtime, client), q="ann")
    assert "52 messages" in first.text
    assert found(first) == 50
    (older,) = [each for each in first.links if "page=2" in each]
    second = visit(client, older)
    assert found(second) == 2
    assert "Page 2" in second.text
    assert second.form("/log").fields["q"] == "ann"


def test_a_message_to_a_group_shows_how_far_it_has_come(
    runtime: Runtime, client: FlaskClient
) -> None:
    batch = new_id()
    for number, state in enumerate(["accepted", "accepted", "failed", "queued"]):
        email = f"ann{number}@example.org"
        write_to(runtime, "Ann", email)
        edit(runtime, email, batch_id=batch, state=state, context=_of_five(runtime, email))
    first = deliveries(runtime)[0]
    write_to(runtime, "Ann", "copy@example.org")
    edit(runtime, "copy@example.org", batch_id=batch, resend_of_id=first.id, state="accepted")
    write_to(runtime, "Alex", "alex@example.org")
    tried = _of_five(runtime, "alex@example.org") | {"size": 1, "is_test": True}
    edit(runtime, "alex@example.org", batch_id=batch, state="accepted", context=tried)
    page = look(signed_in(runtime, client), batch=batch)
    assert "5 recipients." in page.text
    for words in ("Sent 2", "Failed 1", "Waiting to be sent 1", "still to come 1"):
        assert words in page.text
    assert f"{LOG}?batch={batch}" in page.links
    assert client.get(f"/staff/mail?batch={batch}").location == f"{LOG}?batch={batch}"


def _of_five(runtime: Runtime, email: str) -> dict[str, Any]:
    (mail,) = [each for each in deliveries(runtime) if each.recipient_email == email]
    return mail.context | {"size": 5, "is_test": False}


def test_a_message_to_a_group_that_is_still_on_its_way_says_so(
    runtime: Runtime, client: FlaskClient
) -> None:
    page = look(signed_in(runtime, client), batch=new_id())
    assert "Nothing of this message is here yet." in page.text
    assert "Look again" in page.text


def test_the_table_has_what_the_page_has(runtime: Runtime, client: FlaskClient) -> None:
    write_to(runtime, "Zoë Gagné", "zoe@example.org")
    write_to(runtime, '=HYPERLINK("http://example.org")', "formula@example.org")
    send_all(runtime)
    write_to(runtime, "Jo Roy", "jo@example.org")
    signed_in(runtime, client)
    headings, jo, formula, zoe = rows_of(client)
    assert headings[:4] == ["Asked for on (Eastern Time)", "Name", "E-mail", "Message"]
    assert (jo[1], jo[6]) == ("Jo Roy", "Waiting to be sent")
    assert formula[1] == '\'=HYPERLINK("http://example.org")'
    assert zoe[0] == zoe[7] == "2026-02-10 10:00"
    assert zoe[1:4] == ["Zoë Gagné", "zoe@example.org", "Place confirmed"]
    assert zoe[4] == letters(runtime)[0]["Subject"]
    assert zoe[5:7] == ["Steward training, part 1", "Sent"]
    assert len(rows_of(client, q="zoe")) == 2
    (french, *_rest) = rows_of(client, q="zoe", lang="fr")
    assert french[1] == "Nom"


def test_a_long_table_is_written_in_pieces_and_has_an_end(
    runtime: Runtime, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_log, "LONGEST_EXPORT", 6)
    monkeypatch.setattr(mail_log, "_ROWS_AT_ONCE", 2)
    signed_in(runtime, client)
    for number in range(5):
        write_to(runtime, f"Ann {number}", "ann@example.org")
    assert [row[1] for row in rows_of(client)[1:]] == [f"Ann {each}" for each in (4, 3, 2, 1, 0)]
    for number in range(5, 8):
        write_to(runtime, f"Ann {number}", "ann@example.org")
    assert [row[1] for row in rows_of(client)[1:]] == [f"Ann {each}" for each in range(7, 1, -1)]


def test_what_is_searched_holds_person_address_and_both_titles() -> None:
    text = search_text("Łukasz Côté", "L.Cote@Example.org", a_session())
    assert text.startswith("lukasz cote l.cote@example.org steward training")
    assert text.endswith("formation syndicale, 1re partie")
