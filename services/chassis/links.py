"""Links of capability: signed, so that nothing need be stored and nothing can be forged."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from services.chassis.config import Settings
from services.chassis.keys import LINKS, keys_for


@dataclass(frozen=True)
class Links:
    """Makes and reads the links that open something without a sign-in."""

    settings: Settings

    def manage(self, registration_id: UUID, version: int) -> str:
        """The address of a member's own page for one registration."""
        token = self._signer("manage").dumps([str(registration_id), version])
        return f"{self.settings.base_url}/my/{token}"

    def read_manage(self, token: str) -> tuple[UUID, int] | None:
        """The registration and link version of a member's token; None when it was not signed."""
        payload = self._read("manage", token)
        return (UUID(payload[0]), payload[1]) if payload else None

    def roster_token(self, recipient_id: UUID) -> str:
        """What opens a roster for one of its recipients, as long as they are one."""
        return self._signed("roster", str(recipient_id))

    def roster(self, token: str) -> str:
        """The address of a roster."""
        return f"{self.settings.base_url}/roster/{token}"

    def read_roster(self, token: str) -> UUID | None:
        """The recipient of a roster token; None when it was not signed."""
        payload = self._read("roster", token)
        return UUID(payload[0]) if payload else None

    def data(self, request_id: UUID) -> str:
        """Where somebody gets their data, or is erased: the request of theirs that it is about."""
        return f"{self.settings.base_url}/data/{self._signed('data', str(request_id))}"

    def read_data(self, token: str) -> UUID | None:
        """The request of such a token; None when it was not signed."""
        payload = self._read("data", token)
        return UUID(payload[0]) if payload else None

    def new_password(self, staff_id: UUID, epoch: int, until: datetime) -> str:
        """Where a member of staff chooses a password, until then or until they are signed out."""
        facts = [str(staff_id), epoch, int(until.timestamp())]
        token = self._signer("new password").dumps(facts)
        return f"{self.settings.base_url}/staff/sign-in/new-password/{token}"

    def read_new_password(self, token: str) -> tuple[UUID, int, datetime] | None:
        """The account, its epoch and the end of such a token; None when it was not signed."""
        payload = self._read("new password", token)
        if not payload:
            return None
        staff_id, epoch, until = payload
        return UUID(staff_id), epoch, datetime.fromtimestamp(until, UTC)

    def unsubscribe(self, delivery_id: UUID) -> str:
        """Where the reader of one announcement ends them all, by a button or with one click."""
        return (
            f"{self.settings.base_url}/unsubscribe/{self._signed('unsubscribe', str(delivery_id))}"
        )

    def read_unsubscribe(self, token: str) -> UUID | None:
        """The delivery of such a token; None when it was not signed."""
        payload = self._read("unsubscribe", token)
        return UUID(payload[0]) if payload else None

    def _signed(self, purpose: str, subject: str) -> str:
        token = self._signer(purpose).dumps([subject])
        return token if isinstance(token, str) else token.decode()

    def _signer(self, purpose: str) -> URLSafeSerializer:
        oldest_first = [key.value for key in reversed(keys_for(self.settings, LINKS))]
        return URLSafeSerializer(
            oldest_first,
            salt=f"turnout.link.{purpose}",
            signer_kwargs={"digest_method": hashlib.sha256},
        )

    def _read(self, purpose: str, token: str) -> list[Any] | None:
        try:
            payload: list[Any] = self._signer(purpose).loads(token)
        except BadData:
            return None
        return payload
