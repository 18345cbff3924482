"""Messages to a group: what staff wrote, kept and asked for once for each reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_new
from services.chassis.ids import new_id
from services.chassis.outbox import publish
from services.chassis.staff import StaffMember
from services.contracts.registrations import MESSAGE_REQUESTED
from services.registration.audiences import Audience, Group, area_of, find_group
from services.registration.history import note
from services.registration.models import Organisation, Registration, WorkshopSession
from services.registration.seats import lock_session
from services.registration.sending_models import GroupMessage
from services.registration.telling import recipient_of, summary_of

LANGUAGES = ("en", "fr")
_MOST_SHOWN = 200


class AudienceChanged(Exception):
    """The group is not as large any more as whoever sends believes."""


class LanguageMissing(Exception):
    """Somebody in the group reads a language in which nothing is written."""

    def __init__(self, language: str, readers: int) -> None:
        super().__init__(language)
        self.language, self.readers = language, readers


class SentOtherwise(Exception):
    """The form has been sent already, with other words or to another group."""


@dataclass(frozen=True)
class Draft:
    """A message as it was written; its `id` was made with the form."""

    id: UUID
    audience: Audience
    subject: dict[str, str]
    body: dict[str, str]

    @property
    def stream(self) -> str:
        """Whether it is about what somebody signed up for, or beside it."""
        return "announcement" if self.audience.is_announcement else "transactional"

    @property
    def languages(self) -> list[str]:
        """The languages that it is written in."""
        return [each for each in LANGUAGES if self.body[each]]

    @property
    def headline(self) -> str:
        """Its subject in the languages that it is written in."""
        return " / ".join(self.subject[each] for each in self.languages)


@dataclass(frozen=True)
class SentMessage:
    """A message in the list of those sent, with what its audience names."""

    message: GroupMessage
    session: WorkshopSession | None
    organisation: Organisation | None

    @property
    def audience(self) -> Audience:
        """Whom it was sent to."""
        kept, chosen = self.message.audience, self.organisation
        area, key = kept["area"], chosen.id if chosen else None
        return Audience(kept["kind"], self.message.session_id, key, area)


def check_languages(draft: Draft, group: Group) -> None:
    """LanguageMissing unless everybody in the group can read it."""
    for language, readers in group.languages.items():
        if readers and language not in draft.languages:
            raise LanguageMissing(language, readers)


def send_group_message(
    db: Session, draft: Draft, *, author: str, expected: int, now: datetime
) -> GroupMessage:
    """Ask for one mail to each reader there is now; the same draft again changes nothing.

    AudienceChanged when there are not as many as expected, LanguageMissing, SentOtherwise.
    """
    key = draft.audience.session_id
    session = lock_session(db, key) if key else None
    if sent := db.get(GroupMessage, draft.id):
        return _same(sent, draft)
    group = find_group(db, draft.audience)
    if len(group.readers) != expected:
        raise AudienceChanged
    check_languages(draft, group)
    if not insert_new(db, GroupMessage, **_row(draft, author, len(group.readers), now)):
        return _same(db.get_one(GroupMessage, draft.id), draft)
    _ask_for_mail(db, draft, group, session=session, author=author, now=now)
    if session is not None:
        note(db, session, "message_sent", now=now, actor=author, reason=draft.headline)
    return db.get_one(GroupMessage, draft.id)


def send_test(
    db: Session, draft: Draft, *, to: StaffMember, sample: Registration, now: datetime
) -> None:
    """Send the message to whoever writes it, in each language that it is written in.

    It has an id of its own, so that it never counts among the mails of the message.
    """
    key = draft.audience.session_id
    session = db.get_one(WorkshopSession, key) if key else None
    for language in draft.languages:
        test_id = new_id()
        data = _said(db, draft, session, author=to.name, size=1) | {
            "group_message_id": test_id,
            "is_test": True,
            "recipient": {"name": to.name, "email": to.email, "language": language},
            "organisation": sample.organisation_name,
        }
        publish(db, MESSAGE_REQUESTED, subject=test_id, data=data, now=now)


def sent_messages(db: Session) -> list[SentMessage]:
    """What was sent lately, the newest first."""
    query = sa.select(GroupMessage).order_by(GroupMessage.sent_at.desc(), GroupMessage.id.desc())
    rows = db.scalars(query.limit(_MOST_SHOWN)).all()
    sessions = _by_id(db, WorkshopSession, [each.session_id for each in rows if each.session_id])
    named = [UUID(key) for each in rows if (key := each.audience["organisation_id"])]
    organisations = _by_id(db, Organisation, named)
    return [
        SentMessage(
            each,
            sessions.get(str(each.session_id)),
            organisations.get(each.audience["organisation_id"]),
        )
        for each in rows
    ]


def _by_id(db: Session, model: type[Any], keys: Sequence[UUID]) -> dict[str, Any]:
    return {str(each.id): each for each in db.scalars(sa.select(model).where(model.id.in_(keys)))}


def _same(sent: GroupMessage, draft: Draft) -> GroupMessage:
    kept = (sent.audience, sent.subject, sent.body)
    if kept != (draft.audience.in_json(), draft.subject, draft.body):
        raise SentOtherwise
    return sent


def _row(draft: Draft, author: str, size: int, now: datetime) -> dict[str, Any]:
    return {
        "id": draft.id,
        "session_id": draft.audience.session_id,
        "audience": draft.audience.in_json(),
        "stream": draft.stream,
        "subject": draft.subject,
        "body": draft.body,
        "author": author,
        "sent_at": now,
        "size": size,
    }


def _ask_for_mail(
    db: Session,
    draft: Draft,
    group: Group,
    *,
    session: WorkshopSession | None,
    author: str,
    now: datetime,
) -> None:
    said = _said(db, draft, session, author=author, size=len(group.readers))
    with db.no_autoflush:  # Thousands of rows are written at once rather than one by one.
        for each in group.readers:
            data = said | {"recipient": recipient_of(each), "organisation": each.organisation_name}
            if session is not None:
                data |= _of_registration(each)
            else:
                data["agreed_at"] = each.person.announcements_since
            subject = draft.id if session is None else each.id
            publish(db, MESSAGE_REQUESTED, subject=subject, data=data, now=now)


def _said(
    db: Session, draft: Draft, session: WorkshopSession | None, *, author: str, size: int
) -> dict[str, Any]:
    """What is the same for every reader."""
    return {
        "group_message_id": draft.id,
        "size": size,
        "stream": draft.stream,
        "author": author,
        "subject": draft.subject,
        "body": draft.body,
        "session": summary_of(session, with_link=False) if session else None,
        "area": area_of(db, draft.audience),
    }


def _of_registration(registration: Registration) -> dict[str, Any]:
    return {
        "registration_id": registration.id,
        "link_version": registration.link_version,
        "status": registration.state,
    }
