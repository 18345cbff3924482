"""A sign-up as somebody asks for it, and what they are answered."""

from dataclasses import dataclass
from uuid import UUID

from services.registration.models import Registration


class NotBookable(Exception):
    """The session takes no sign-ups; `reason` is unknown, cancelled, past or closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUsedOtherwise(Exception):
    """The same idempotency key came with another request."""


@dataclass(frozen=True)
class SignUp:
    """What a member filled in, checked; `organisation_name` is as they typed it."""

    name: str
    email: str
    language: str
    organisation_name: str
    organisation_id: UUID | None = None
    role: str = ""
    phone: str = ""
    phone_on_roster: bool = False
    needs: str = ""
    auto_confirm: bool = False
    announcements: bool = False

    @property
    def person_key(self) -> str:
        """What the person is known by: the address, whatever its capitals."""
        return self.email.casefold()


@dataclass(frozen=True)
class Request:
    """A sign-up as it came: with its idempotency key and correlation id, if it has them."""

    entry: SignUp
    key: str = ""
    correlation: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of a sign-up; when `repeated`, the address had a live place before.

    `by_mail` when the organisation wants every answer told by mail alone.
    """

    registration: Registration
    place: int | None
    repeated: bool
    by_mail: bool


Outcome = Answer | NotBookable | KeyUsedOtherwise
