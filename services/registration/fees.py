"""Fees: what a place costs, decided once at sign-up by a rule that has a name."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.registration.models import Organisation

FREE, AFFILIATE, OTHER = "free", "affiliate", "other"
FEDERATION_ZONE = "America/Toronto"
"""An affiliation begins and ends at midnight there."""


@dataclass(frozen=True)
class Fee:
    """An amount in cents and the rule that gave it."""

    cents: int
    rule: str


def today(now: datetime) -> date:
    """The day that decides about affiliation."""
    return now.astimezone(ZoneInfo(FEDERATION_ZONE)).date()


def fee_for(facts: dict[str, Any], organisation: Organisation | None, day: date) -> Fee:
    """The fee of a session for a member of an organisation on a day.

    A local that is not in the directory, or has no affiliation on that day, pays the other fee.
    """
    affiliate, other = facts["fee_affiliate_cents"], facts["fee_other_cents"]
    if affiliate == other == 0:
        return Fee(0, FREE)
    if organisation is not None and organisation.is_affiliated(day):
        return Fee(affiliate, AFFILIATE)
    return Fee(other, OTHER)
