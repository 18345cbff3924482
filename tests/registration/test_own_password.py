"""Changing one's own password, and which passwords will do."""

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.registration.passwords import will_do
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.staff_browsers import ACCOUNT, COORDINATOR, a_browser, is_in

NEW_PASSWORD = "seven green kettles sing"


@pytest.fixture
def dialect() -> str:
    return "sqlite"


def change(client: FlaskClient, **but: str) -> Page:
    typed = {"password": PASSWORD, "new_password": NEW_PASSWORD, "repeated": NEW_PASSWORD, **but}
    return submit(client, visit(client, ACCOUNT), "/password", **typed)


def test_a_changed_password_counts_at_once_and_the_old_one_no_more(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    assert "Your password is changed." in change(coordinator).text
    assert is_in(coordinator)
    other = a_browser(runtime)
    sign_in(other, COORDINATOR, PASSWORD)
    assert not is_in(other)
    sign_in(other, COORDINATOR, NEW_PASSWORD)
    assert is_in(other)
    assert "Password changed" in visit(other, ACCOUNT).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "not it"}, "This is not your present password."),
        ({"repeated": NEW_PASSWORD + "s"}, "The two are not the same."),
        ({"new_password": "short", "repeated": "short"}, "Take at least 15 characters"),
        ({"new_password": "password" * 3, "repeated": "password" * 3}, "others try first"),
        ({"new_password": "", "repeated": ""}, "Please fill this in."),
        ({"new_password": "x" * 201, "repeated": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_does_not_do_is_refused_in_words_and_changes_nothing(
    runtime: Runtime, coordinator: FlaskClient, typed: dict[str, str], said: str
) -> None:
    page = change(coordinator, **typed)
    assert page.response.status_code == 422
    assert said in page.text
    assert not any(value in page.response.text for value in typed.values() if len(value) > 5)
    other = a_browser(runtime)
    sign_in(other, COORDINATOR, PASSWORD)
    assert is_in(other)


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "passwordpassword",
        "123456789012345",
        "qwertyuiopasdfgh",
        "unionunionunionunion",
        "casey.brook@example.org",
        "aaaaaaaaaaaaaaaaaaaa",
    ],
)
def test_short_and_common_passwords_and_those_about_oneself_will_not_do(password: str) -> None:
    assert not will_do(password, name="Casey Brook", email="casey.brook@example.org")


@pytest.mark.parametrize(
    "password",
    [
        NEW_PASSWORD,
        "café, trottoir et marmotte",
        "k7mwp-3xqzh-9vtnd",
        "brume " + "wq7-lantern-Ottawa " * 9,
    ],
)
def test_long_ones_of_any_letters_do_without_rules_about_signs(password: str) -> None:
    assert will_do(password, name="Casey Brook", email="casey.brook@example.org")
