"""What each kind of mail says: the facts, in words, and nothing that is not so."""

from datetime import time, timedelta

import pytest

from services.contracts.registrations import ROSTER_DUE
from services.notify.plain_text import lines_of
from tests.notify.factories import (
    a_contact,
    a_roster,
    a_session,
    cancelled,
    confirmed,
    days,
    in_language,
    notice,
    offered,
    repeated,
    roster,
    waitlisted,
    where,
)
from tests.notify.letter_reading import Outline, compose_mail


def test_a_confirmed_mail_says_all_that_one_needs() -> None:
    mail = compose_mail(confirmed(), "confirmed")
    assert mail.subject == "You have a place: Steward training, part 1, Saturday 28 February 2026"
    for said in (
        "Saturday 28 February to Sunday 1 March 2026, 9:00 to 16:00 each day (Eastern Time)",
        "Lakeside Community Hall, Thunder Bay, Room 2",
        "$20",
        "your collective agreement",
        "http://turnout.test/my/",
    ):
        assert said in mail.text


def test_the_join_link_is_for_the_confirmed_alone() -> None:
    online = a_session(online=True, place="", room="", join_link="https://meet.example.org/abc")
    assert (
        "https://meet.example.org/abc" in compose_mail(confirmed(session=online), "confirmed").text
    )
    for kind, sample in (
        ("waitlisted", waitlisted(session=online)),
        ("offered", offered(session=online)),
        ("repeated", repeated(session=online)),
        ("notice_changed", notice(session=online, status="waiting")),
    ):
        mail = compose_mail(sample, kind)
        assert "meet.example.org" not in mail.text + mail.html
        assert mail.attachments == ()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_roster_of_an_online_session_without_a_link_can_be_written(language: str) -> None:
    online = a_session(online=True, place="", room="", join_link="")
    mail = compose_mail(in_language(roster(session=online), language), "roster")
    assert "http://turnout.test/roster/" in mail.text


def test_a_join_link_that_is_no_address_is_told_as_text() -> None:
    session = a_session(online=True, join_link="javascript:alert(1) or call us")
    mail = compose_mail(confirmed(session=session), "confirmed")
    assert "javascript:alert(1) or call us" in mail.text
    assert not [each for each in Outline(mail.html).addresses if "javascript" in each]


def test_a_title_that_is_missing_in_the_readers_language_is_marked() -> None:
    session = a_session(title={"en": "", "fr": "Griefs"}, bring={"en": "", "fr": "Un stylo"})
    mail = compose_mail(confirmed(session=session), "confirmed")
    assert "Griefs (in French only)" in mail.text
    assert "Un stylo (in French only)" in mail.text


def test_times_to_be_announced_and_no_fee_are_said_in_words() -> None:
    session = a_session(days=days(starts=None, ends=None))
    sample = in_language(confirmed(session=session, fee_cents=0), "fr")
    mail = compose_mail(sample, "confirmed")
    assert "heures à confirmer" in mail.text
    assert "Gratuit" in mail.text
    assert "heure de" not in mail.text


def test_days_with_hours_of_their_own_get_a_line_each() -> None:
    session = a_session(days=[*days(count=1), *days(days()[1]["date"], 1, ends=time(12))])
    text = compose_mail(confirmed(session=session), "confirmed").text
    assert "Saturday 28 February 2026, 9:00 to 16:00 (Eastern Time)" in text
    assert "Sunday 1 March 2026, 9:00 to 12:00 (Eastern Time)" in text


def test_an_offer_spells_out_its_deadline_where_the_session_is() -> None:
    atlantic = a_session(zone="America/Halifax")
    assert (
        "Thursday 12 February 2026 at 17:00 (Eastern Time)"
        in compose_mail(offered(), "offered").text
    )
    french = in_language(offered(session=atlantic), "fr")
    assert (
        "jeudi 12 février 2026 à 18\u00a0h (heure de l’Atlantique)"
        in compose_mail(french, "offered").text
    )


def test_a_waitlisted_mail_gives_the_place_and_what_happens_next() -> None:
    asked = compose_mail(waitlisted(place=1, auto_confirm=True), "waitlisted")
    assert "You are number 1 on the waiting list" in asked.subject
    assert "we confirm you at once, as you asked" in asked.text
    french = compose_mail(in_language(waitlisted(place=1), "fr"), "waitlisted")
    assert "Vous êtes au 1er rang de la liste d’attente" in french.subject


def test_a_cancellation_says_who_cancelled_and_their_words() -> None:
    by_staff = compose_mail(cancelled(by="staff", message="Too few.\r\nSorry."), "cancelled")
    assert by_staff.subject.startswith("Your sign-up was cancelled")
    assert "  Too few.\n  Sorry." in by_staff.text
    by_member = compose_mail(cancelled(), "cancelled")
    assert by_member.subject.startswith("You have cancelled your place")
    left = compose_mail(cancelled(status="left"), "cancelled")
    assert left.subject.startswith("You have left the waiting list")


def test_a_notice_shows_old_and_new_of_what_changed_only() -> None:
    mail = compose_mail(notice(), "notice_changed")
    assert mail.subject == "New date, Saturday 7 March 2026: Steward training, part 1"
    for said in ("New place", "Union Hall, Kenora", "Lakeside Community Hall, Thunder Bay, Room 2"):
        assert said in mail.text
    room_only = notice(session=a_session(room="Room 9"), before=where())
    moved_room = compose_mail(room_only, "notice_changed")
    assert moved_room.subject.startswith("New place")
    assert "New date" not in moved_room.text
    same = compose_mail(notice(session=a_session(), before=where()), "notice_changed")
    assert "Its date and place stay as they were." in same.text


def test_a_roster_mail_has_the_sheet_and_the_link_and_no_names() -> None:
    mail = compose_mail(roster(), "roster")
    assert "http://turnout.test/roster/token-of-the-roster" in mail.text
    assert "2 of 24" in mail.text
    assert "Marguerite" not in mail.text
    assert [file.filename for file in mail.attachments] == ["roster-2026-02-28.pdf"]
    assert mail.attachments[0].content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("language", "attached", "apart"),
    [
        ("en", "The list as it stands now is attached", "it is not in this mail"),
        ("fr", "La liste à jour est jointe", "elle n’est donc pas dans ce courriel"),
    ],
)
def test_a_roster_mail_with_the_link_alone_has_no_sheet_and_says_so(
    language: str, attached: str, apart: str
) -> None:
    recipient = a_contact(language=language)
    with_sheet = compose_mail((ROSTER_DUE, a_roster(recipient=recipient)), "roster")
    link_only = a_roster(recipient=recipient, attached=False)
    without = compose_mail((ROSTER_DUE, link_only), "roster")
    assert attached in with_sheet.text
    assert apart not in with_sheet.text
    assert attached not in without.text
    assert apart in without.text
    assert "http://turnout.test/roster/token-of-the-roster" in without.text
    assert (len(with_sheet.attachments), without.attachments) == (1, ())


def test_the_roster_after_closing_says_that_registration_has_closed() -> None:
    mail = compose_mail((ROSTER_DUE, a_roster(occasion="after_close")), "roster")
    assert "Registration for this workshop has closed." in mail.text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "as it stood on Tuesday 10 February 2026 at 10:00 is attached"),
        ("fr", "telle qu’elle était le mardi 10 février 2026 à 10 h est jointe"),
    ],
)
def test_a_roster_that_comes_late_says_of_which_moment_it_is(language: str, words: str) -> None:
    late = in_language(roster(), language)
    said = " ".join(compose_mail(late, "roster", late=timedelta(hours=3)).text.split())
    assert words in said.replace("\u00a0", " ")


@pytest.mark.parametrize(("status", "has_seat"), [("waiting", False), ("confirmed", True)])
def test_who_waits_is_asked_to_leave_the_list_and_not_a_seat(status: str, has_seat: bool) -> None:
    text = compose_mail(notice(status=status), "notice_changed").text
    assert ("somebody else can have the seat" in text) == has_seat
    assert ("leave the waiting list" in text) == (not has_seat)


def test_an_empty_roster_is_a_roster() -> None:
    empty = (roster()[0], a_roster(lines=[], with_needs=0))
    assert "0 of 24" in compose_mail(empty, "roster").text


def test_lines_lose_the_marks_of_a_list_and_nothing_else() -> None:
    assert lines_of("- a pen\n\n* paper \r\n• tea-time") == ["a pen", "paper", "tea-time"]
