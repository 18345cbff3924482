"""Each mail of each kind as mail programs and their readers need it: small, plain, sound."""

import re

import pytest

from services.notify.kinds import KINDS
from services.notify.letterhead import letterhead_with
from services.notify.samples import sample
from tests.notify.letter_reading import Outline, compose_mail

EVERY_MAIL = [(kind, language) for kind in KINDS for language in ("en", "fr")]
SITE = "http://turnout.test"
CLIPPED_BY_GMAIL = 102_400
LONGEST_SUBJECT_SHOWN = 78
_FACT = re.compile(r"[^\W_]+")


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_the_html_is_small_and_loads_nothing(kind: str, language: str) -> None:
    mail = compose_mail(sample(kind, language), kind)
    outline = Outline(mail.html)
    assert len(mail.html.encode()) < CLIPPED_BY_GMAIL / 5  # The largest has 5.6 kB.
    assert not {"img", "link", "script", "iframe", "object", "video", "form"} & set(outline.tags)
    assert "url(" not in mail.html
    assert "@import" not in mail.html
    assert "src=" not in mail.html


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_links_lead_to_this_site_or_where_the_session_says(kind: str, language: str) -> None:
    contract, data = sample(kind, language)
    given = (data.get("session") or {}).get("join_link", "")
    for address in Outline(compose_mail((contract, data), kind).html).addresses:
        assert address.startswith(SITE) or address == given


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_every_fact_of_the_html_is_in_the_text(kind: str, language: str) -> None:
    mail = compose_mail(sample(kind, language), kind)
    told = set(_FACT.findall(f"{mail.subject}\n{mail.text}")) | set(_FACT.findall("Turnout"))
    assert set(_FACT.findall(Outline(mail.html).words)) <= told


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_the_html_has_one_heading_its_language_and_a_dark_dress(kind: str, language: str) -> None:
    mail = compose_mail(sample(kind, language), kind)
    assert mail.html.startswith("<!DOCTYPE html>") or mail.html.startswith("<!doctype html>")
    assert f'<html lang="{language}"' in mail.html
    assert Outline(mail.html).tags.count("h1") == 1
    assert "@media (prefers-color-scheme: dark)" in mail.html
    assert '<meta name="color-scheme" content="light dark">' in mail.html
    assert mail.html.count("<table") == mail.html.count('role="presentation"')


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_a_subject_is_one_line_that_is_shown_whole_where_the_title_allows(
    kind: str, language: str
) -> None:
    subject = compose_mail(sample(kind, language), kind).subject
    session = sample(kind, language)[1].get("session")
    title = session["title"][language] if session else ""
    assert subject == " ".join(subject.splitlines()).strip()
    assert not title or not subject.startswith(title)
    assert len(subject.replace(title, "")) <= LONGEST_SUBJECT_SHOWN


def test_a_colour_of_ones_own_leaves_no_trace_of_ours() -> None:
    for kind in KINDS:
        html = compose_mail(
            sample(kind, "en"), kind, letterhead=letterhead_with(colour="#7a1f5c")
        ).html
        for ours in ("#0c5746", "#0b5343", "#8fd6bd"):
            assert ours not in html
