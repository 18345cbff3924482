"""How a transport says that a mail did not go out: for now, for good, or perhaps it did."""

from datetime import datetime


class TemporaryFailure(Exception):
    """Certainly not accepted, and worth another try; `not_before` is the provider's own wish."""

    def __init__(self, words: str, not_before: datetime | None = None) -> None:
        super().__init__(words)
        self.not_before = not_before


class ProviderResting(TemporaryFailure):
    """The provider takes no mail from us at all for now, so that no other need be tried."""


class PermanentFailure(Exception):
    """Refused for what the mail is; only a person can help. The message is the provider's."""


class NoSuchAddress(PermanentFailure):
    """Refused because the address does not exist, so that no other mail need be tried there."""


class OutcomeUnknown(Exception):
    """The mail left us and no answer came: the provider may have taken it."""
