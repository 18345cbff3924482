"""What every way of sending mail offers."""

from datetime import datetime, timedelta
from typing import Protocol

from services.notify.message import Mail

SANDBOX = "Sandbox: SendGrid has checked this message and sent it to nobody."
"""What a provider's id is where a mail was only tried."""


class Transport(Protocol):
    """Takes one mail at a time, from several threads.

    `longest_send` is how long one mail can take at most; whoever claimed it longer ago is dead.
    `patience` is how long a mail of unknown fate rests before it is sent again.
    """

    @property
    def longest_send(self) -> timedelta:
        """The claim's length."""

    @property
    def patience(self) -> timedelta:
        """The rest of a mail in doubt."""

    def send(self, mail: Mail, now: datetime) -> str:
        """Send; returns the provider's id or words.

        Raises TemporaryFailure, PermanentFailure, or OutcomeUnknown.
        """
