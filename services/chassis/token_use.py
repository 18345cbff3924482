"""When a token was last used: kept to the hour, so that what reads goes on reading."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.outbox import publish
from services.chassis.running import runtime
from services.chassis.staff import AccessToken
from services.contracts import Event
from services.contracts.staff import TOKEN_USED

KEPT_TO = timedelta(hours=1)


def note_use(token: AccessToken, now: datetime) -> None:
    """Keep that a token is used now, unless that is known of the last hour, and tell of it."""
    if token.last_used_at is not None and now - token.last_used_at < KEPT_TO:
        return
    with runtime().database.writing() as db:
        _keep(db, token.digest, now)
        if runtime().service.name == TOKEN_USED.producer:
            data = {"digest": token.digest, "at": now}
            publish(db, TOKEN_USED, subject=token.digest, data=data, now=now)


def on_token_used(db: Session, event: Event, _now: datetime) -> None:
    """Keep that another service saw a token; an older use changes nothing."""
    _keep(db, event.data["digest"], event.data["at"])


def _keep(db: Session, digest: str, at: datetime) -> None:
    token = locked(db, AccessToken, digest)
    if token is not None and (token.last_used_at is None or token.last_used_at < at):
        token.last_used_at = at
