"""Erasing anew whom a restored backup has brought back."""

from datetime import datetime

from infra.composition import opened
from services.catalog import people as catalog
from services.chassis.config import Settings
from services.notify import erasure as notify
from services.registration import erasure as registration


def erase_again(settings: Settings, now: datetime) -> int:
    """Erase anew everybody who is on the list in the data folder and known to a database.

    Call it after databases were put back from a backup and brought up to date, before the site
    starts: it writes orders, which the clocks carry out as soon as they run. It can be called at
    any time and any number of times, for it finds only whom it has to.
    """
    with opened("registration", settings) as runtime:
        count = registration.erase_again(runtime, now)
    with opened("notify", settings) as runtime:
        count += notify.erase_again(runtime)
    with opened("catalog", settings) as runtime:
        count += catalog.erase_again(runtime)
    return count
