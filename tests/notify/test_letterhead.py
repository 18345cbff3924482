"""The letterhead: chosen on its page, applied to every mail from the moment it is saved."""

from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.notify.letterhead import letterhead_with
from services.notify.letters.colours import (
    DARK_TINT,
    DEFAULT,
    INK,
    PAPER,
    TINT,
    colours_from,
    contrast,
)
from tests.notify.factories import confirmed, in_language, roster
from tests.notify.letter_reading import Outline, compose_mail
from tests.notify.post import html_of, mailed, receive, text_of
from tests.notify.test_pages import signed_in
from tests.pages import Page, submit, visit

PATH = "/staff/mail/letterhead"
CHOSEN = {
    "sender_name": "District 12, Education",
    "reply_to": "education@example.org",
    "signature_en": "The education committee\r\n<b>416</b> 555-0142",
    "signature_fr": "Le comité de formation\r\n416 555-0142",
    "colour": "#7a1f5c",
}


def saved(runtime: Runtime, client: FlaskClient, **typed: str) -> Page:
    signed_in(runtime, client, "admin")
    return submit(client, visit(client, PATH), "/letterhead", **typed)


def one_mail(runtime: Runtime, language: str = "en") -> EmailMessage:
    receive(runtime, in_language(confirmed(), language))
    (message,) = mailed(runtime)
    return message


def lines_of(message: EmailMessage) -> str:
    return "\n".join(text_of(message).splitlines())


def test_only_an_admin_chooses_the_letterhead(runtime: Runtime, client: FlaskClient) -> None:
    signed_in(runtime, client)
    assert client.get(PATH).status_code == 403
    assert client.get(f"{PATH}/en").status_code == 403


def test_without_a_letterhead_mail_is_turnout_s_own(runtime: Runtime, client: FlaskClient) -> None:
    page = saved(runtime, client)
    assert "From now on" in page.text
    message = one_mail(runtime)
    assert message["From"] == "Turnout <no-reply@turnout.test>"
    assert message["Reply-To"] is None
    assert "Nobody reads replies to this address." in text_of(message)
    assert f"background: {DEFAULT.head}" in html_of(message)
    assert f"color: {DEFAULT.link}" in html_of(message)


def test_a_saved_letterhead_is_on_the_next_mail(runtime: Runtime, client: FlaskClient) -> None:
    page = saved(runtime, client, **CHOSEN)
    assert "From now on" in page.text
    assert page.form("/letterhead").fields["sender_name"] == CHOSEN["sender_name"]
    assert page.form("/letterhead").fields["colour"] == CHOSEN["colour"]
    message = one_mail(runtime)
    assert message["From"].addresses[0].display_name == "District 12 Education"
    assert message["From"].addresses[0].addr_spec == "no-reply@turnout.test"
    assert message["Reply-To"].addresses[0].addr_spec == "education@example.org"
    text, outline = lines_of(message), Outline(html_of(message))
    assert "The education committee\n<b>416</b> 555-0142\n\n--\n" in text
    assert "Answers go to education@example.org." in text
    assert "Nobody reads replies" not in text
    assert "The education committee<b>416</b> 555-0142" in outline.words
    assert outline.tags.count("b") == 0
    assert outline.words.startswith("District 12, Education")
    assert f"background: {CHOSEN['colour']}" in html_of(message)
    assert DEFAULT.head not in html_of(message)


def test_mail_that_waits_is_sent_with_the_letterhead_of_the_moment(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    saved(runtime, client, **CHOSEN)
    (message,) = mailed(runtime)
    assert "The education committee" in text_of(message)


def test_a_french_mail_has_the_french_signature(runtime: Runtime, client: FlaskClient) -> None:
    saved(runtime, client, **CHOSEN)
    text = lines_of(one_mail(runtime, "fr"))
    assert "Le comité de formation\n416 555-0142" in text
    assert "Les réponses parviennent à education@example.org." in text
    assert "education committee" not in text


def test_the_roster_s_mail_is_signed_as_well() -> None:
    mail = compose_mail(roster(), "roster", letterhead=letterhead_with(**CHOSEN))
    assert "Answers go to education@example.org." in mail.text
    assert "The education committee" in mail.html


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"sender_name": "x" * 71}, "at most 70 characters"),
        ({"sender_name": "A\x07B"}, "characters that cannot be shown"),
        ({"sender_name": "A\nB"}, "characters that cannot be shown"),
        ({"sender_name": ":;,"}, "no letters"),
        ({"reply_to": "a@example.org, b@example.org"}, "not an e-mail address"),
        ({"reply_to": "a@example.org\nBcc: b@example.org"}, "characters that cannot be shown"),
        ({"reply_to": "zoë@example.org"}, "without accents"),
        ({"signature_en": "The committee"}, "in both languages"),
        ({"signature_fr": "Le comité"}, "in both languages"),
        ({"signature_en": "x" * 501, "signature_fr": "y"}, "at most 500 characters"),
        ({"colour": "red"}, "not a colour"),
        ({"colour": "#12345g"}, "not a colour"),
        ({"colour": "#0c574"}, "not a colour"),
        ({"colour": "#f4b83f"}, "is 1.51 to 1, and 4.5 to 1 is needed"),
        ({"colour": "#7a7a7a"}, "is 3.65 to 1"),
    ],
)
def test_what_mail_cannot_carry_is_refused_in_words_and_stays_typed(
    runtime: Runtime, client: FlaskClient, typed: dict[str, str], complaint: str
) -> None:
    page = saved(runtime, client, **typed)
    assert page.response.status_code == 422
    assert complaint in page.text
    assert "There is a problem" in page.text
    assert one_mail(runtime)["From"] == "Turnout <no-reply@turnout.test>"
    for name, value in typed.items():
        if name.startswith("signature"):
            assert page.form("/letterhead").fields[name].strip() == value


def test_a_pale_colour_is_refused_in_french_with_the_ratio(
    runtime: Runtime, client: FlaskClient
) -> None:
    signed_in(runtime, client, "admin")
    page = submit(client, visit(client, f"{PATH}?lang=fr"), "/letterhead", colour="#f4b83f")
    assert "est de 1,51 pour 1, et il faut 4,5 pour 1" in page.text


def test_the_preview_shows_what_is_typed_and_saves_nothing(
    runtime: Runtime, client: FlaskClient
) -> None:
    signed_in(runtime, client, "admin")
    form = visit(client, PATH).form("/letterhead")
    answer = client.post(f"{PATH}/fr", data={**form.fields, **CHOSEN})
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Le comité de formation" in Outline(answer.text).words
    assert "Le comité" not in client.get(f"{PATH}/fr").text
    refused = client.post(f"{PATH}/en", data={**form.fields, "colour": "#ffffff"})
    assert refused.status_code == 422
    assert "too pale" in refused.text
    assert client.get(f"{PATH}/de").status_code == 404


def test_every_colour_that_is_taken_can_be_read_on_light_and_on_dark() -> None:
    for colour in ("#0c5746", "#7a1f5c", "#000000", "#0000ff", "#b00020", "#5a4a00", "#444444"):
        found = colours_from(colour)
        assert contrast(found.head, PAPER) >= contrast(found.link, TINT) >= 4.5
        assert contrast(found.dark, DARK_TINT) >= 7
        assert contrast(found.dark, found.on_dark) >= 4.5


def test_our_own_colours_can_be_read_everywhere() -> None:
    assert contrast(DEFAULT.link, TINT) >= 4.5
    assert contrast(DEFAULT.head, PAPER) >= 4.5
    assert contrast(DEFAULT.dark, DARK_TINT) >= 4.5
    assert contrast(DEFAULT.dark, DEFAULT.on_dark) >= 4.5
    assert contrast(INK, PAPER) >= 4.5
    assert round(contrast("#000000", "#ffffff"), 2) == 21
