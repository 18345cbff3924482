"""The settings: defaults, files for secrets, and one clear complaint about each wrong value."""

import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.chassis.config import read_settings
from services.chassis.wrong_setting import WrongSetting

KEY = "x" * 32
"""Good enough for a site on this machine."""


def test_nothing_set_is_a_site_on_this_machine(tmp_path: Path) -> None:
    settings = read_settings({"TURNOUT_DATA": str(tmp_path)})
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.embedded_broker
    assert settings.mail_url == "folder:"
    assert settings.database_urls["notify"] == f"sqlite:///{tmp_path}/notify.sqlite3"


def test_the_key_is_made_once_kept_and_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        environ = {"TURNOUT_DATA": str(tmp_path)}
        keys = list(pool.map(lambda _: read_settings(environ).secret_key, range(2)))
    again = read_settings(environ).secret_key
    assert {*keys, again} == {again}
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="ascii")
    environ = {"TURNOUT_DATA": str(tmp_path), "TURNOUT_SECRET_KEY_FILE": str(tmp_path / "key")}
    assert read_settings(environ).secret_key == KEY


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    hidden = "Zzyzx9Hidden"
    environ = {
        "TURNOUT_DATA": str(tmp_path),
        "TURNOUT_SECRET_KEY": hidden * 3,
        "TURNOUT_SECRET_KEY_PREVIOUS": hidden * 4,
        "TURNOUT_REDIS_URL": f"rediss://user:{hidden}@broker:6379/0",
        "TURNOUT_NOTIFY_DATABASE_URL": f"postgresql://notify:{hidden}@db/notify",
        "TURNOUT_MAIL_URL": f"smtp://user:{hidden}@mail.example.org",
        "TURNOUT_BOUNCES_PASSWORD": hidden,
        "SENDGRID_API_KEY": hidden,
    }
    assert hidden not in repr(read_settings(environ))


@pytest.mark.parametrize("name", ["TURNOUT_SECRET_KEY", "TURNOUT_SECRET_KEY_PREVIOUS"])
@pytest.mark.parametrize(
    "key",
    [
        "x" * 64,
        "ab" * 32,
        "0" * 31 + "1",
        "a1b2c3d4e5f6" * 4,
        "changeme-changeme-changeme-please",
        "this is the secret key of our site",
        "0123456789abcdef0123456789abcdef",
        "Password1234567890!Password54321?",
        "k3y of 9!",
    ],
)
def test_a_key_that_can_be_guessed_stops_a_real_site(tmp_path: Path, name: str, key: str) -> None:
    good = {"TURNOUT_DATA": str(tmp_path), "TURNOUT_BASE_URL": "https://workshops.example.org"}
    good["TURNOUT_SECRET_KEY"] = secrets.token_urlsafe(48)
    assert read_settings(good).secure
    with pytest.raises(WrongSetting, match=name) as wrong:
        read_settings(good | {name: key})
    assert key not in str(wrong.value)


def test_keys_that_were_really_made_by_chance_are_taken(tmp_path: Path) -> None:
    environ = {"TURNOUT_DATA": str(tmp_path), "TURNOUT_BASE_URL": "https://workshops.example.org"}
    for make in (secrets.token_hex, secrets.token_urlsafe):
        for _ in range(500):
            assert read_settings(environ | {"TURNOUT_SECRET_KEY": make(24)}).secure


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TURNOUT_PORT", "eighty"),
        ("TURNOUT_PORT", "70000"),
        ("TURNOUT_BASE_URL", "workshops.example.org"),
        ("TURNOUT_BASE_URL", "https://workshops.example.org"),
        ("TURNOUT_SECRET_KEY", "short"),
        ("TURNOUT_SECRET_KEY_FILE", "/nowhere/key"),
        ("TURNOUT_REDIS_URL", "http://broker"),
        ("TURNOUT_NOTIFY_DATABASE_URL", "mysql://db"),
        ("TURNOUT_MAIL_URL", "pigeon:"),
        ("TURNOUT_MAIL_URL", "sendgrid:"),
        ("TURNOUT_SIGN_UP_LIMIT", "a few"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read_settings({"TURNOUT_DATA": str(tmp_path), name: value})
    assert str(wrong.value).startswith(("TURNOUT_", "SENDGRID_"))


OPENID = {
    "TURNOUT_OIDC_ISSUER": "https://login.example.org",
    "TURNOUT_OIDC_CLIENT_ID": "turnout",
    "TURNOUT_OIDC_CLIENT_SECRET": "secret of the provider",
}


def test_a_provider_is_called_by_its_host_unless_it_has_a_name(tmp_path: Path) -> None:
    environ = {"TURNOUT_DATA": str(tmp_path), **OPENID}
    settings = read_settings(environ)
    assert settings.openid is not None
    assert settings.openid.name == "login.example.org"
    assert "secret of the provider" not in repr(settings)
    named = read_settings(environ | {"TURNOUT_OIDC_NAME": "Union Login"}).openid
    assert named is not None
    assert named.name == "Union Login"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TURNOUT_OIDC_ISSUER", ""),
        ("TURNOUT_OIDC_ISSUER", "login.example.org"),
        ("TURNOUT_OIDC_ISSUER", "http://login.example.org"),
        ("TURNOUT_OIDC_ISSUER", "https://login.example.org?tenant=1"),
        ("TURNOUT_OIDC_ISSUER", "https://[login"),
        ("TURNOUT_OIDC_CLIENT_ID", " "),
        ("TURNOUT_OIDC_CLIENT_SECRET", ""),
        ("TURNOUT_OIDC_SECOND_FACTOR", "mfa"),
        ("TURNOUT_OIDC_SECOND_FACTOR", "amr="),
    ],
)
def test_half_a_provider_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read_settings({"TURNOUT_DATA": str(tmp_path), **OPENID, name: value})
    assert wrong.value.name == name
