"""Examines the way out for mail without sending any."""

import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from infra.findings import Finding, fine, writable
from services.chassis.config import Settings, sendgrid_options
from services.notify.failures import PermanentFailure
from services.notify.letterhead import letterhead_with, sender_of
from services.notify.message import mailbox
from services.notify.models import FAILED, HELD, Delivery
from services.notify.provider_pause import pause_at
from services.notify.transports import folder_of

SUBJECT = "mail"
REFUSALS_COUNT_FOR = timedelta(days=1)
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
_PATIENCE_SECONDS = 10


def examine_mail(settings: Settings) -> Iterator[Finding]:
    """Whether mail could leave: the folder is writable, the server greets, the key is there."""
    if (folder := folder_of(settings)) is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield writable(SUBJECT, folder, setting="TURNOUT_MAIL_URL")
    elif settings.mail_url.startswith("sendgrid:"):
        yield _examine_sendgrid(settings)
        yield _examine_reports(settings)
    else:
        yield _examine_server(settings.mail_url)


def examine_sent(db: Session, now: datetime) -> Iterator[Finding]:
    """What notify itself knows: that all mail rests, that some was refused of late, or is held."""
    if (pause := pause_at(db, now)) is not None:
        cure = (
            "It goes on by itself; if it lasts, see what is wrong with the server or its password."
        )
        yield Finding(SUBJECT, f"all of it rests: {pause.words}", cure)
    lately = (Delivery.state == FAILED, Delivery.due_at > now - REFUSALS_COUNT_FOR)
    count, words = db.execute(
        sa.select(sa.func.count(), sa.func.max(Delivery.error)).where(*lately)
    ).one()
    if count:
        cure = "Read why at /staff/mail, mend it, and send them again there."
        yield Finding(SUBJECT, f"{count} were refused in the last day, such as with: {words}", cure)
    if held := db.scalar(sa.select(sa.func.count()).where(Delivery.state == HELD)):
        yield Finding(SUBJECT, f"{held} are held", "Decide about them at /staff/mail/held.")


def _examine_sendgrid(settings: Settings) -> Finding:
    if sendgrid_options(settings.mail_url).sandbox:
        cure = "Take sandbox=yes out of TURNOUT_MAIL_URL when this site serves people."
        return Finding(SUBJECT, "goes to SendGrid's sandbox, which sends it to nobody", cure)
    try:
        mailbox("", sender_of(settings, letterhead_with()).address)
    except PermanentFailure:
        cure = "Set TURNOUT_MAIL_URL to sendgrid:?from=workshops@… of a domain that is yours."
        return Finding(SUBJECT, "comes from an address that SendGrid refuses", cure)
    return fine(SUBJECT, f"goes to {settings.sendgrid_host} with the key that is set")


def _examine_reports(settings: Settings) -> Finding:
    """Whether SendGrid can tell us of bounces."""
    subject, address = "mail reports", f"{settings.base_url}/hooks/sendgrid"
    if settings.sendgrid_webhook_key:
        return fine(subject, f"are taken at {address}, signed")
    cure = (
        f"Let SendGrid's Event Webhook post to {address}, signed, and set "
        "TURNOUT_SENDGRID_WEBHOOK_KEY to the verification key that it shows."
    )
    return Finding(subject, "are not taken, so nobody hears of mail that bounces", cure)


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
