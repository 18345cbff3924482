"""What may come of asking somebody's own organisation who they are."""

from dataclasses import dataclass


class ProviderAway(Exception):
    """The provider does not answer, or answers nothing that can be used."""


class NotVouched(Exception):
    """The provider has answered, and what it said is no proof of who somebody is."""


@dataclass(frozen=True)
class Vouched:
    """Whose address it is, and whether the provider asked for a second factor as well."""

    email: str
    with_both: bool
