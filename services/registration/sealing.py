"""Sealed text: secrets that we must read again, which the database alone does not tell."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.fernet import Fernet, MultiFernet

from services.chassis.config import Settings
from services.chassis.keys import SECOND_FACTORS, keys_for


@dataclass(frozen=True)
class Seal:
    """Closes with the newest key for it, and opens what that or the one before has closed."""

    settings: Settings

    def close(self, text: str) -> str:
        """What may be stored."""
        return self._keys().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What was sealed; InvalidToken when neither key has closed it."""
        return self._keys().decrypt(sealed.encode()).decode()

    def close_anew(self, sealed: str) -> str:
        """The same under the newest key, so that the one before can be thrown away."""
        return self._keys().rotate(sealed.encode()).decode()

    def _keys(self) -> MultiFernet:
        keys = keys_for(self.settings, SECOND_FACTORS)
        return MultiFernet([Fernet(urlsafe_b64encode(each.value)) for each in keys])
