"""Signing up in a browser that runs no scripts."""

from playwright.sync_api import Page, expect

from tests.browser.member_steps import fill_in
from tests.browser.site import Visitors
from tests.browser.staff_steps import publish_a_session


def test_a_member_signs_up_corrects_an_error_and_gives_the_place_up_without_scripts(
    coordinator: Page, visitors: Visitors
) -> None:
    session_id = publish_a_session(coordinator, "Organising by Letter")
    page = visitors.come(java_script_enabled=False)
    page.goto(f"/sessions/{session_id}")
    page.get_by_role("link", name="Sign up", exact=True).click()
    fill_in(page, "Noor Sans Script", local="")
    page.get_by_role("button", name="Sign me up").click()
    expect(page.get_by_role("alert")).to_contain_text("Please type your local")
    expect(page.get_by_label("Your name")).to_have_value("Noor Sans Script")

    page.get_by_role("checkbox", name="My local is not listed").check()
    page.get_by_role("button", name="Sign me up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are confirmed")


def test_a_button_pressed_twice_without_scripts_is_one_sign_up(
    coordinator: Page, visitors: Visitors
) -> None:
    session_id = publish_a_session(coordinator, "Once Is Enough")
    page = visitors.come(java_script_enabled=False)
    page.goto(f"/sign-up/{session_id}")
    fill_in(page, "Twice Pressed")
    page.get_by_role("button", name="Sign me up").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are confirmed")
    coordinator.goto(f"/staff/sessions/{session_id}")
    expect(coordinator.get_by_role("link", name="Open Twice Pressed")).to_have_count(1)
