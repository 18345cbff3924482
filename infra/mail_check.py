"""Examines the way out for mail without sending any."""

import smtplib
from urllib.parse import urlsplit

from infra.findings import Finding, fine, writable
from services.chassis.config import Settings
from services.notify.transports import folder_of

SUBJECT = "mail"
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
_PATIENCE_SECONDS = 10


def examine_mail(settings: Settings) -> Finding:
    """Whether mail could leave: the folder is writable, the server greets, the key is there."""
    if (folder := folder_of(settings)) is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return writable(SUBJECT, folder, setting="TURNOUT_MAIL_URL")
    if settings.mail_url.startswith("sendgrid:"):
        return fine(SUBJECT, f"goes to {settings.sendgrid_host} with the key that is set")
    return _examine_server(settings.mail_url)


def _examine_server(url: str) -> Finding:
    parts = urlsplit(url)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
    try:
        with kind(host, port, timeout=_PATIENCE_SECONDS) as server:
            server.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as problem:
        cure = "Is the server up, and TURNOUT_MAIL_URL right? Mail is kept and tried again."
        return Finding(SUBJECT, f"{host}:{port} does not greet ({problem})", cure)
    return fine(SUBJECT, f"{host}:{port} greets")
