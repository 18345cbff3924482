"""The ways of sending mail, and which of them `TURNOUT_MAIL_URL` chooses."""

from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from services.chassis.config import Settings, sendgrid_options
from services.chassis.wrong_setting import WrongSetting
from services.notify.transports.folder import Folder
from services.notify.transports.smtp import Server, Smtp
from services.notify.transports.transport import Transport

_SETTING = "TURNOUT_MAIL_URL"
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


def transport_for(settings: Settings) -> Transport:
    """The transport of these settings; one for all threads of a process."""
    if folder := folder_of(settings):
        return Folder(folder)
    return _remote(settings.mail_url, settings.sendgrid_api_key, settings.sendgrid_host)


def folder_of(settings: Settings) -> Path | None:
    """Where mail is kept when it goes into a folder; None when it really leaves."""
    parts = urlsplit(settings.mail_url)
    if parts.scheme != "folder":
        return None
    path = unquote(parts.path)
    return Path(path).resolve() if path.strip("/") else settings.data / "mail"


@cache
def _remote(mail_url: str, api_key: str, sendgrid_host: str) -> Transport:
    parts = urlsplit(mail_url)
    if parts.scheme == "sendgrid":
        from services.notify.transports.sendgrid import SendGrid  # noqa: PLC0415 - 3 MB for few.

        return SendGrid(api_key, sendgrid_host, sendgrid_options(mail_url))
    return Smtp(_server(parts))


def _server(parts: SplitResult) -> Server:
    try:
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except ValueError as problem:
        raise WrongSetting(_SETTING, "its port is not a number from 1 to 65535") from problem
    if not parts.hostname:
        raise WrongSetting(_SETTING, "names no server, as in smtp://mail.example.org:587")
    return Server(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        bounces=dict(parse_qsl(parts.query)).get("bounces", ""),
    )
