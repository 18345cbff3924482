"""The growing pause after wrong passwords and codes: it slows guessing, and locks nobody out.

Tries are counted before they are judged, in the database: a restart forgets none, and many at
once, in many processes, get no more of them. What is kept names neither an address nor an account.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.config import Settings
from services.chassis.db import insert_new, locked
from services.chassis.keys import TRIES, keys_for
from services.registration.sign_in_models import SignInDelay

LONGEST_PAUSE = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
_IPV6_PREFIX = 64
_LARGEST_EXPONENT = 12


@dataclass(frozen=True)
class Counter:
    """One thing that tries are counted by, how many are free, and how long a pause can grow."""

    key: str
    free: int
    longest: timedelta = LONGEST_PAUSE


def counter_of_account(settings: Settings, account: str, mark: str = "") -> Counter:
    """Tries at one account; of an address that has none they are counted just so.

    Those of a browser that bears the `mark` of the account are counted apart from all others.
    """
    return Counter(_key(settings, "account", f"{account.casefold()} {mark}"), free=5)


def counter_of_network(settings: Settings, address: str) -> Counter:
    """Tries from one place on the net; a union hall may be one such place."""
    return Counter(_key(settings, "network", _network(address)), free=25)


def counter_of_codes(settings: Settings, staff_id: UUID) -> Counter:
    """Tries at the second factor of an account, by somebody who knows its password."""
    return Counter(_key(settings, "code", str(staff_id)), free=5)


def counter_of_links(settings: Settings, account: str) -> Counter:
    """Links to a new password for an account: each is a mail, which nobody may fill a box with."""
    return Counter(_key(settings, "link", account.casefold()), free=3, longest=timedelta(hours=1))


def counter_of_asking(settings: Settings, address: str) -> Counter:
    """Links that were asked for from one place on the net, for whomever."""
    return Counter(_key(settings, "asking", _network(address)), free=25)


def begin_try(db: Session, counters: list[Counter], now: datetime) -> timedelta | None:
    """Count a try before it is judged; or how long it still has to wait, and it counts nothing."""
    rows = [_row(db, each, now) for each in sorted(counters, key=lambda each: each.key)]
    counter_of = {each.key: each for each in counters}
    wait = max(_still(row, counter_of[row.key], now) for row in rows)
    if wait > timedelta(0):
        return wait
    for row in rows:
        row.tries = row.tries + 1 if now - row.last_at < FORGOTTEN_AFTER else 1
        row.last_at = now
        row.until = now + _pause(row.tries, counter_of[row.key])
    return None


def end_pause(db: Session, counters: list[Counter]) -> None:
    """The try was right: each counter begins anew."""
    db.execute(sa.delete(SignInDelay).where(SignInDelay.key.in_([each.key for each in counters])))


def take_back(db: Session, counters: list[Counter], now: datetime) -> None:
    """The try was right, but says nothing of others from there: it alone is not counted."""
    for each in counters:
        if row := locked(db, SignInDelay, each.key):
            row.tries = max(0, row.tries - 1)
            row.until = now


def _row(db: Session, counter: Counter, now: datetime) -> SignInDelay:
    insert_new(db, SignInDelay, key=counter.key, tries=0, last_at=now, until=now)
    row = locked(db, SignInDelay, counter.key)
    if row is None:
        raise LookupError("a counter that was just written is gone")
    return row


def _still(row: SignInDelay, counter: Counter, now: datetime) -> timedelta:
    """What is left of a pause; never more than the whole, though the clock was set back."""
    return min(row.until - now, _pause(row.tries, counter))


def _pause(tries: int, counter: Counter) -> timedelta:
    """2 seconds, 4, 8, … up to the longest, once the free ones are used up."""
    beyond = tries - counter.free
    if beyond <= 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(beyond, _LARGEST_EXPONENT)), counter.longest)


def _network(address: str) -> str:
    """An IPv6 subscriber has a whole prefix to try from; what is no address stands as it is."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network((known, _IPV6_PREFIX), strict=False))


def _key(settings: Settings, kind: str, value: str) -> str:
    key = keys_for(settings, TRIES)[0].value
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
