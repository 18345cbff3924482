"""What staff do on pages: import, edit, publish, cancel, all through the forms themselves."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from tests.catalog.conftest import as_staff
from tests.catalog.factories import (
    ONE_ENTRY,
    REAL_LISTING,
    a_day,
    a_draft,
    a_session,
    all_sessions,
    events,
    reread,
)
from tests.pages import Page, submit, visit

IMPORT = "/staff/workshops/import"
PATHS = ("/staff/workshops", IMPORT, "/staff/workshops/new")


def edit_page(client: FlaskClient, session_id: object) -> Page:
    return visit(client, f"/staff/workshops/sessions/{session_id}")


def save(client: FlaskClient, session_id: object, **typed: str) -> Page:
    return submit(client, edit_page(client, session_id), f"/sessions/{session_id}", **typed)


def test_the_real_listing_is_pasted_looked_over_and_imported(
    runtime: Runtime, staff: FlaskClient
) -> None:
    preview = submit(staff, visit(staff, IMPORT), "/import", text=REAL_LISTING)
    assert "New (12)" in preview.text
    assert "Our social site pages" in preview.text
    assert all_sessions(runtime) == []
    page = submit(staff, preview, "/confirm")
    assert "12 new drafts." in page.text
    assert "Drafts to review (12)" in page.text
    assert "The listing gives no title." in page.text
    again = submit(staff, visit(staff, IMPORT), "/import", text=REAL_LISTING)
    assert "There is nothing to import." in again.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_usual_encodings(
    runtime: Runtime, staff: FlaskClient, encoding: str
) -> None:
    text = ONE_ENTRY.replace("Introduction to Stewarding", "Négociation")
    form = visit(staff, IMPORT).form("/import")
    sent = {**form.fields, "file": (BytesIO(text.encode(encoding)), "listing.txt")}
    assert "Négociation" in Page(staff.post(IMPORT, data=sent)).text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\0\0\0", "not plain text"),
        (b"", "nothing to read"),
        (b"hello", "not a listing"),
    ],
)
def test_a_file_that_is_no_listing_is_refused_with_a_reason(
    staff: FlaskClient, content: bytes, words: str
) -> None:
    form = visit(staff, IMPORT).form("/import")
    sent = {**form.fields, "file": (BytesIO(content), "listing.docx")}
    page = Page(staff.post(IMPORT, data=sent))
    assert page.response.status_code == 422
    assert words in page.text


def test_twenty_megabytes_are_refused_with_a_page(runtime: Runtime, staff: FlaskClient) -> None:
    form = visit(staff, IMPORT).form("/import")
    page = Page(staff.post(IMPORT, data={**form.fields, "text": "x" * 20 * 1024**2}))
    assert page.response.status_code == 413
    assert "at most 5 MB" in page.text
    french = Page(staff.post(f"{IMPORT}?lang=fr", data={"text": "x" * 20 * 1024**2}))
    assert french.language.startswith("fr")


def test_a_large_listing_below_the_limit_is_read(staff: FlaskClient) -> None:
    text = ONE_ENTRY + "A long description. \n" * 40_000
    assert "New (1)" in submit(staff, visit(staff, IMPORT), "/import", text=text).text


def test_a_draft_is_edited_and_published_on_its_page(runtime: Runtime, staff: FlaskClient) -> None:
    submit(staff, visit(staff, IMPORT), "/import", text=ONE_ENTRY)
    submit(staff, submit(staff, visit(staff, IMPORT), "/import", text=ONE_ENTRY), "/confirm")
    [session] = all_sessions(runtime)
    typed = {
        "days.0.starts": "09:00",
        "days.0.ends": "16:00",
        "days.1.date": "2026-02-21",
        "capacity": "20",
        "facilitators.0.name": "Ana Silva",
        "facilitators.0.email": "ana@example.org",
        "host.name": "Jo Roy",
        "host.email": "jo@example.org",
        "fee_other": "35,50",
        "join_link": "https://meet.example.org/a",
        "title_fr": "Initiation",
        "closes_at": "2026-02-18T12:00",
        "then": "publish",
    }
    page = save(staff, session.id, **typed)
    assert "Published. Sign-up is open." in page.text
    session = reread(runtime, session.id)
    assert session.status == "published"
    assert [day.starts is None for day in session.days] == [False, True]
    assert session.fee_other_cents == 3550
    assert session.facilitators[0]["email"] == "ana@example.org"
    assert session.host == {"name": "Jo Roy", "email": "jo@example.org", "language": "en"}
    assert session.closes_at is not None
    assert session.closes_at.isoformat() == "2026-02-18T17:00:00+00:00"
    assert len(events(runtime, "session.published")) == 1


def test_saving_the_form_as_it_is_changes_nothing(runtime: Runtime, staff: FlaskClient) -> None:
    session = a_session(runtime, hours=7.5, join_link="https://meet.example.org/a")
    save(staff, session.id)
    after = reread(runtime, session.id)
    assert after.version == session.version
    assert events(runtime, "session.changed") == []


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(
    runtime: Runtime, staff: FlaskClient
) -> None:
    draft = a_draft(runtime)
    typed = {
        "days.0.date": "2026-02-30",
        "days.2.date": "2026-03-01",
        "days.2.starts": "16:00",
        "days.2.ends": "09:00",
        "capacity": "0",
        "fee_other": "a lot",
        "title_en": "x" * 5_000,
        "room": "Room\x00 4",
        "join_link": "javascript:alert(1)",
        "facilitators.1.email": "nobody",
    }
    page = save(staff, draft.id, **typed)
    assert page.response.status_code == 422
    for words in (
        "This is not a date, such as 2026-02-28.",
        "This must be later than the start.",
        "This must be from 1 to 10000.",
        "This is not an amount in dollars",
        "at most 200 characters",
        "characters that cannot be shown",
        "This is not a web address",
        "This is not an e-mail address",
    ):
        assert words in page.text
    form = page.form(f"/sessions/{draft.id}")
    assert form.fields["capacity"] == "0"
    assert form.fields["days.0.date"] == "2026-02-30"
    assert form.fields["days.1.starts"] == "16:00"
    assert form.fields["facilitators.1.email"] == "nobody"
    assert reread(runtime, draft.id).version == draft.version


def test_publishing_an_unready_draft_is_refused_and_says_all_reasons(
    runtime: Runtime, staff: FlaskClient
) -> None:
    draft = a_draft(runtime, capacity=None, language="")
    page = save(staff, draft.id, then="publish", room="Room 4")
    assert page.response.status_code == 409
    assert "It has no number of seats." in page.text
    assert "Its language is not given." in page.text
    assert reread(runtime, draft.id).room == "Room 4"


def test_many_drafts_are_given_hours_and_seats_and_are_published(
    runtime: Runtime, staff: FlaskClient
) -> None:
    blank = {"capacity": None, "days": [a_day(starts="", ends="")]}
    ready = [a_draft(runtime, **blank) for _ in range(2)]
    unready = a_draft(runtime, **blank, title_en="")
    typed = {"starts": "09:00", "ends": "16:00", "capacity": "20", "every": "yes"}
    page = submit(staff, visit(staff, "/staff/workshops"), "/bulk", **typed)
    assert "3 drafts were changed." in page.text
    form = page.form("/bulk")
    sent = {**form.fields, "every": "yes"}
    page = Page(staff.post("/staff/workshops/publish", data=sent, follow_redirects=True))
    assert "2 sessions were published." in page.text
    assert "1 draft is not ready yet" in page.text
    assert [reread(runtime, each.id).status for each in (*ready, unready)] == [
        *("published", "published", "draft"),
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"every": "yes"}, "Fill in what the drafts are to be given."),
        ({"capacity": "20"}, "Choose the drafts to change."),
        ({"every": "yes", "starts": "16:00", "ends": "9:00"}, "later than the start"),
        ({"every": "yes", "starts": "9:00"}, "Please give the start and the end."),
        ({"every": "yes", "capacity": "1000000"}, "from 1 to 10000"),
    ],
)
def test_a_bulk_change_that_makes_no_sense_is_refused(
    runtime: Runtime, staff: FlaskClient, typed: dict[str, str], words: str
) -> None:
    a_draft(runtime)
    page = submit(staff, visit(staff, "/staff/workshops"), "/bulk", **typed)
    assert page.response.status_code == 422
    assert words in page.text


def test_a_flag_is_settled_by_its_button(runtime: Runtime, staff: FlaskClient) -> None:
    text = ONE_ENTRY.replace("Introduction to Stewarding\n\n", "")
    submit(staff, submit(staff, visit(staff, IMPORT), "/import", text=text), "/confirm")
    [session] = all_sessions(runtime)
    page = submit(staff, edit_page(staff, session.id), "/flags/settle")
    assert "Flag settled" in page.text
    assert reread(runtime, session.id).flags == []


def test_a_changed_number_of_seats_leads_to_the_list_of_people(
    runtime: Runtime, staff: FlaskClient
) -> None:
    session = a_session(runtime)
    form = edit_page(staff, session.id).form("/capacity")
    sent = {**form.fields, "capacity": "25", "reason": "A larger room"}
    answer = staff.post(form.action, data=sent)
    assert answer.headers["Location"] == f"/staff/sessions/{session.id}"
    assert reread(runtime, session.id).capacity == 25
    refused = Page(staff.post(form.action, data={**sent, "capacity": "0"}))
    assert refused.response.status_code == 422
    assert "This must be from 1 to 10000." in refused.text


def test_a_session_is_cancelled_with_a_reason(runtime: Runtime, staff: FlaskClient) -> None:
    session = a_session(runtime)
    page = submit(staff, edit_page(staff, session.id), "/cancel", reason="")
    assert page.response.status_code == 422
    page = submit(staff, edit_page(staff, session.id), "/cancel", reason="Snow")
    assert "The session is cancelled." in page.text
    assert reread(runtime, session.id).status == "cancelled"


def test_a_workshop_is_made_by_hand_and_copied_to_another_date(
    runtime: Runtime, staff: FlaskClient
) -> None:
    nameless = submit(staff, visit(staff, "/staff/workshops/new"), "/new")
    assert "Please give a title in one language at least." in nameless.text
    page = submit(staff, visit(staff, "/staff/workshops/new"), "/new", title_fr="Négociation")
    assert "The workshop is there." in page.text
    page = submit(staff, page, "/sessions", first_day="2026-04-01")
    [session] = all_sessions(runtime)
    assert session.workshop.title_fr == "Négociation"
    page = submit(staff, edit_page(staff, session.id), "/duplicate", first_day="2026-05-01")
    assert "This is the copy." in page.text
    assert [str(each.first_day) for each in all_sessions(runtime)] == ["2026-04-01", "2026-05-01"]


def test_a_form_that_is_out_of_date_does_not_overwrite(
    runtime: Runtime, staff: FlaskClient
) -> None:
    draft = a_draft(runtime)
    old = edit_page(staff, draft.id)
    save(staff, draft.id, room="A")
    page = submit(staff, old, f"/sessions/{draft.id}", room="B")
    assert page.response.status_code == 409
    assert "Somebody else has changed this" in page.text
    assert reread(runtime, draft.id).room == "A"


def test_a_draft_is_set_aside_and_taken_up_again(runtime: Runtime, staff: FlaskClient) -> None:
    draft = a_draft(runtime)
    page = submit(staff, edit_page(staff, draft.id), "/set-aside")
    assert "Set aside (1)" in page.text
    submit(staff, edit_page(staff, draft.id), "/take-up")
    assert reread(runtime, draft.id).status == "draft"


def test_past_drafts_are_marked(runtime: Runtime, staff: FlaskClient) -> None:
    past = a_draft(runtime, days=[a_day("2025-12-01")])
    assert "Drafts whose days have passed (1)" in visit(staff, "/staff/workshops").text
    assert "have passed, so it cannot be published" in edit_page(staff, past.id).text


@pytest.mark.parametrize("path", PATHS)
def test_only_coordinators_and_admins_come_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/staff/sign-in")
    assert as_staff(client, "facilitator").get(path).status_code == 403
    assert as_staff(client, "admin").get(path).status_code == 200


def test_a_facilitator_can_change_nothing(runtime: Runtime, staff: FlaskClient) -> None:
    session = a_session(runtime)
    token = edit_page(staff, session.id).form("/capacity").fields["csrf_token"]
    with staff.session_transaction() as kept:
        csrf = kept["csrf_token"]
    facilitator = as_staff(staff, "facilitator")
    with facilitator.session_transaction() as kept:
        kept["csrf_token"] = csrf
    path = f"/staff/workshops/sessions/{session.id}"
    for action in ("", "/publish", "/cancel", "/capacity", "/flags/settle", "/duplicate"):
        answer = facilitator.post(path + action, data={"csrf_token": token, "reason": "x"})
        assert answer.status_code == 403
    assert reread(runtime, session.id).version == session.version


def test_a_form_without_its_token_is_refused(runtime: Runtime, staff: FlaskClient) -> None:
    session = a_session(runtime)
    path = f"/staff/workshops/sessions/{session.id}/cancel"
    assert staff.post(path, data={"reason": "x"}).status_code == 400
    assert reread(runtime, session.id).status == "published"


def test_what_is_not_there_is_not_found(staff: FlaskClient) -> None:
    for path in (f"/staff/workshops/sessions/{new_id()}", f"/staff/workshops/{new_id()}"):
        assert staff.get(path).status_code == 404


def test_staff_pages_speak_french(runtime: Runtime, staff: FlaskClient) -> None:
    session = a_session(runtime)
    for path in (*PATHS, f"/staff/workshops/sessions/{session.id}"):
        page = visit(staff, f"{path}?lang=fr")
        assert page.response.status_code == 200
        assert page.language.startswith("fr")


def test_html_in_every_field_stays_text(runtime: Runtime, staff: FlaskClient) -> None:
    draft = a_draft(runtime)
    hostile = '"><script>alert(1)</script>'
    names = (
        "venue",
        "city",
        "room",
        "notes",
        "title_en",
        "title_fr",
        "topic",
        "series",
        "bring_en",
    )
    page = save(
        staff, draft.id, **dict.fromkeys(names, hostile), **{"facilitators.0.name": hostile}
    )
    assert page.response.status_code == 200
    lists = visit(staff, "/staff/workshops")
    listed = submit(
        staff, visit(staff, IMPORT), "/import", text=ONE_ENTRY.replace("Windsor", hostile)
    )
    for each in (page, lists, listed):
        assert "<script>alert" not in each.response.text
