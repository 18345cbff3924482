"""What the doctor says of the way out for mail, and of the way back for news of it."""

from pathlib import Path

import pytest

from infra.mail_check import examine_mail
from tests.databases import settings_for
from tests.notify.mail_servers import Postmaster, free_port, smtp_server
from tests.notify.sendgrid_events import SigningKey

KEY = {"SENDGRID_API_KEY": "the-key"}


def told(folder: Path, **environ: str) -> dict[str, str]:
    """The cure for each subject, empty where nothing is wrong."""
    return {each.subject: each.cure for each in examine_mail(settings_for(folder, **environ))}


def test_mail_into_a_folder_is_well(tmp_path: Path) -> None:
    assert told(tmp_path) == {"mail": ""}


def test_a_server_that_greets_is_well_and_one_that_does_not_is_named(tmp_path: Path) -> None:
    with smtp_server(Postmaster()) as port:
        assert told(tmp_path, TURNOUT_MAIL_URL=f"smtp://127.0.0.1:{port}")["mail"] == ""
    away = told(tmp_path, TURNOUT_MAIL_URL=f"smtp://127.0.0.1:{free_port()}")
    assert "TURNOUT_MAIL_URL" in away["mail"]


def test_sendgrid_without_its_reports_is_half_a_way(tmp_path: Path) -> None:
    found = told(tmp_path, TURNOUT_MAIL_URL="sendgrid:", **KEY)
    assert found["mail"] == ""
    assert "http://turnout.test/hooks/sendgrid" in found["mail reports"]
    assert "TURNOUT_SENDGRID_WEBHOOK_KEY" in found["mail reports"]


def test_sendgrid_with_its_reports_is_well(tmp_path: Path) -> None:
    key = SigningKey().public
    environ = {"TURNOUT_MAIL_URL": "sendgrid:", "TURNOUT_SENDGRID_WEBHOOK_KEY": key, **KEY}
    assert told(tmp_path, **environ) == {"mail": "", "mail reports": ""}


def test_a_sender_that_sendgrid_refuses_is_pointed_out(tmp_path: Path) -> None:
    here = {"TURNOUT_BASE_URL": "http://127.0.0.1:8000", **KEY}
    assert "?from=" in told(tmp_path, TURNOUT_MAIL_URL="sendgrid:", **here)["mail"]
    chosen = "sendgrid:?from=workshops@example.org"
    assert told(tmp_path, TURNOUT_MAIL_URL=chosen, **here)["mail"] == ""


@pytest.mark.parametrize(("choice", "is_well"), [("no", True), ("yes", False)])
def test_a_sandbox_is_pointed_out(tmp_path: Path, choice: str, is_well: bool) -> None:
    found = told(tmp_path, TURNOUT_MAIL_URL=f"sendgrid:?sandbox={choice}", **KEY)
    assert (found["mail"] == "") is is_well
