"""The clock on the wall of most of the staff: pages that every service has tell times by it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name

from services.chassis.i18n import reader_language

STAFF_ZONE = "America/Toronto"
TO_THE_MINUTE, TO_THE_SECOND = "d MMMM y, HH:mm", "d MMM y, HH:mm:ss"


def by_the_clock(moment: datetime, pattern: str = TO_THE_MINUTE) -> str:
    """When something happened, in the reader's language; the pattern is one of CLDR's."""
    zone = ZoneInfo(STAFF_ZONE)
    return str(format_datetime(moment, pattern, tzinfo=zone, locale=_locale()))


def which_clock() -> str:
    """What the zone is called: `Eastern Time`, `heure de l’Est`."""
    zone = ZoneInfo(STAFF_ZONE)
    return str(get_timezone_name(zone, zone_variant="generic", locale=_locale()))


def _locale() -> str:
    return f"{reader_language()}_CA"
