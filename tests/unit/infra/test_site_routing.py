"""Which service answers which path, when one process serves the whole site."""

import pytest

from infra.site import owner


@pytest.mark.parametrize(
    "path",
    [
        "/sign-up/0199c0de",
        "/my/a.signed.token",
        "/roster/a.signed.token",
        "/staff",
        "/staff/",
        "/staff/sign-in",
        "/staff/sign-out",
        "/staff/sessions/0199c0de",
        "/staff/sessions/0199c0de/roster.pdf",
        "/staff/registrations/0199c0de/cancel",
        "/staff/organisations",
        "/staff/events/registration/",
        "/staff/events/registration/0199c0de/replay",
        "/readyz/registration",
        "/api/v1/sessions/0199c0de/registrations",
        "/api/v1/sessions/0199c0de/roster",
        "/api/v1/registrations/0199c0de",
        "/api/v1/registration/openapi.json",
    ],
)
def test_sign_ups_rosters_and_the_staff_desk_belong_to_registration(path):
    assert owner(path) == "registration"


@pytest.mark.parametrize(
    "path",
    ["/mailbox", "/mailbox/0199c0de", "/staff/mail", "/staff/events/notify/", "/readyz/notify"],
)
def test_mail_belongs_to_notify(path):
    assert owner(path) == "notify"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/sessions/0199c0de",
        "/sessions/0199c0de.ics",
        "/workshops/0199c0de",
        "/staff/workshops",
        "/staff/workshops/sessions/0199c0de/capacity",
        "/staff/events/catalog/",
        "/api/v1/sessions",
        "/api/v1/sessions/0199c0de",
        "/api/v1/workshops",
        "/api/v1/catalog/openapi.json",
        "/api/docs",
        "/readyz/catalog",
        "/healthz",
        "/static/turnout.css",
    ],
)
def test_the_calendar_and_all_that_nobody_claims_belong_to_the_catalog(path):
    assert owner(path) == "catalog"


@pytest.mark.parametrize(
    "path", ["/mailboxes", "/staffing", "/staff/mailing", "/my", "/sign-ups/1"]
)
def test_a_path_that_only_begins_alike_is_not_taken_over(path):
    assert owner(path) == "catalog"


def test_a_star_in_the_middle_stands_for_one_part_only():
    assert owner("/api/v1/sessions/a/b/roster") == "catalog"
