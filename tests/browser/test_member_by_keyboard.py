"""A member's way on a narrow phone, in French, by keyboard alone: from the calendar to the seat."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keyboard import Keyboard
from tests.browser.member_steps import box
from tests.browser.site import PHONE, Visitors
from tests.browser.staff_steps import link_in_mail, open_mail, publish_a_session

FIRST_OF_ALL = "Welcome to Your Union"
"""The demonstration's first session, which the calendar opens with."""

EMAIL = "marie-eve.fictive@example.org"


@pytest.fixture
def member(visitors: Visitors) -> Page:
    return visitors.come(viewport=PHONE, locale="fr-CA")


def go_to_the_form(page: Page, keys: Keyboard) -> None:
    page.goto("/")
    keys.follow(page.get_by_role("heading", name=FIRST_OF_ALL).get_by_role("link"))
    keys.follow(page.get_by_role("link", name="S’inscrire"))
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRST_OF_ALL)


def test_a_member_signs_up_in_french_and_the_mail_tells_the_truth(
    member: Page, coordinator: Page
) -> None:
    keys = Keyboard(member)
    visited: list[str] = []
    member.on("framenavigated", lambda frame: visited.append(urlsplit(frame.url).path))

    go_to_the_form(member, keys)
    keys.type_into(box(member, "Votre nom"), "Marie-Ève Fictive")
    keys.type_into(box(member, "Courriel"), EMAIL)
    keys.type_into(box(member, "Votre section locale"), "Steltown Hospital")
    keys.type_into(box(member, "Fonction élue"), "Déléguée")
    keys.follow(member.get_by_role("button", name="M’inscrire"))
    expect(member.get_by_role("alert")).to_be_focused()
    keys.tick(member.get_by_role("radio", name="Steeltown Hospital Workers"))
    keys.follow(member.get_by_role("button", name="M’inscrire"))
    expect(member.get_by_role("heading", level=1)).to_have_text("Votre place est confirmée")
    expect(member.get_by_role("main")).to_contain_text("Steeltown Hospital Workers")
    *before, answer = visited
    assert answer.endswith("/answer")
    assert len([path for path in before if path.startswith("/sign-up/")]) <= 2

    mail = open_mail(coordinator, EMAIL, f"Vous avez une place : {FIRST_OF_ALL}")
    expect(mail.get_by_text("Votre place est confirmée.")).to_be_visible()
    expect(mail.get_by_text("Bonjour Marie-Ève Fictive")).to_be_visible()
    expect(mail.locator("html")).to_have_attribute("lang", "fr")


def test_the_link_in_the_mail_opens_the_members_own_page(member: Page, coordinator: Page) -> None:
    session_id = publish_a_session(coordinator, "Animer une assemblée")
    member.goto(f"/sign-up/{session_id}")
    box(member, "Votre nom").fill("Luc Fictif")
    box(member, "Courriel").fill("luc.fictif@example.org")
    box(member, "Votre section locale").fill("342")
    member.get_by_role("button", name="M’inscrire").click()
    mail = ("luc.fictif@example.org", "Vous avez une place", "Voir ou modifier votre inscription")
    member.goto(link_in_mail(coordinator, *mail))
    expect(member.get_by_role("main")).to_contain_text("Luc Fictif")

    keys = Keyboard(member)
    keys.go_to(member.locator("summary", has_text="Modifier mes renseignements"))
    member.keyboard.press("Enter")
    keys.type_into(box(member, "Téléphone"), "416 555-0142")
    keys.tick(member.get_by_role("checkbox", name="peut voir mon numéro"))
    keys.follow(member.get_by_role("button", name="Enregistrer mes renseignements"))
    expect(member.get_by_role("status")).to_have_text("Vos renseignements sont enregistrés.")


def test_errors_take_the_focus_and_stand_beside_their_fields_and_nothing_is_lost(
    member: Page,
) -> None:
    keys = Keyboard(member)
    go_to_the_form(member, keys)
    keys.type_into(box(member, "Votre nom"), "Marie-Ève Fictive")
    keys.type_into(box(member, "Courriel"), "marie-eve chez exemple")
    keys.follow(member.get_by_role("button", name="M’inscrire"))

    summary = member.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(member).to_have_title("Erreur : S’inscrire – Welcome to Your Union · Turnout")
    email = box(member, "Courriel")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(
        "Votre confirmation et tout changement y seront envoyés. "
        "Erreur : Ce n’est pas une adresse courriel, par exemple nom@example.org."
    )
    expect(box(member, "Votre nom")).to_have_value("Marie-Ève Fictive")
    expect(email).to_have_value("marie-eve chez exemple")

    keys.go_to(summary.get_by_role("link").first)
    member.keyboard.press("Enter")
    expect(email).to_be_focused()
