"""The wording of dates and times for people, in both languages, for every page, mail and paper."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name
from babel.lists import format_list

from services.documents.labels import labels_in

_LOCALES = {"en": "en_CA", "fr": "fr_CA"}
_KEPT = 1024
"""How many wordings are kept: most pages and mails speak of the same few days and hours."""


@dataclass(frozen=True, order=True)
class Day:
    """One day of a workshop in its own zone; a time that is None is still to be announced."""

    date: date
    starts: time | None = None
    ends: time | None = None


def _locale(language: str) -> str:
    if language not in _LOCALES:
        raise ValueError(f"no date is written in the language {language!r}")
    return _LOCALES[language]


@lru_cache(maxsize=_KEPT)
def _written(day: date, pattern: str, language: str) -> str:
    """Fill in a CLDR pattern; CLDR lacks the ordinal that French has for the first of a month."""
    if language == "fr" and day.day == 1:
        pattern = pattern.replace("d", "d'er'")
    return format_date(day, pattern, locale=_locale(language))


def day_text(day: date, language: str) -> str:
    """Write a day in full: `Saturday 28 February 2026`, `dimanche 1er mars 2026`."""
    return _written(day, "EEEE d MMMM y", language)


def weekday_text(day: date, language: str) -> str:
    """Write the day of the week alone: `Saturday`, `samedi`."""
    return _written(day, "EEEE", language)


def short_day_text(day: date, language: str) -> str:
    """Write a day for a narrow column: `Sat 28 Feb`, `sam. 28 févr.`."""
    return _written(day, "EEE d MMM", language)


def month_text(day: date, language: str) -> str:
    """Write the month of a day, as a heading: `February 2026`, `février 2026`."""
    return _written(day, "MMMM y", language)


def days_text(days: Iterable[date], language: str) -> str:
    """Write days in one phrase; runs of consecutive days become ranges, no days an empty string.

    Month and year are said once, by the last of the days that share them.
    """
    runs = list(_runs(sorted(set(days))))
    words = iter(_shortened([end for run in runs for end in run], language))
    in_a_sentence = language == "fr" and any(len(run) == 2 for run in runs)
    phrases = [_run_text([next(words) for _ in run], in_a_sentence, language) for run in runs]
    return format_list(phrases, locale=_locale(language))


def _runs(days: Sequence[date]) -> Iterator[list[date]]:
    """Give the first and last day of each run of consecutive days, or the one day that it is."""
    # In a run, days and their positions grow in step, so that their difference stays the same.
    for _, group in groupby(enumerate(days), key=lambda place: place[1].toordinal() - place[0]):
        run = [day for _, day in group]
        yield run if len(run) == 1 else [run[0], run[-1]]


def _shortened(days: Sequence[date], language: str) -> Iterator[str]:
    """Write each day without what the day after it in the phrase says anyway."""
    for day, following in pairwise([*days, None]):
        if day is not None:
            yield _written(day, _pattern(day, following), language)


def _pattern(day: date, following: date | None) -> str:
    if following is None or day.year != following.year:
        return "EEEE d MMMM y"
    return "EEEE d MMMM" if day.month != following.month else "EEEE d"


def _run_text(words: Sequence[str], in_a_sentence: bool, language: str) -> str:
    """Join the ends of a run; French needs articles as soon as one range is in the phrase."""
    if len(words) == 1:
        return f"le {words[0]}" if in_a_sentence else words[0]
    return f"du {words[0]} au {words[1]}" if language == "fr" else f"{words[0]} to {words[1]}"


@lru_cache(maxsize=_KEPT)
def time_text(moment: time, language: str) -> str:
    """Write a time of day: `9:00` in English, `9 h` or `9 h 30` in French (no-break spaces)."""
    if language != "fr":
        return format_time(moment, "H:mm", locale=_locale(language))
    pattern = "H\u00a0'h'\u00a0mm" if moment.minute else "H\u00a0'h'"
    return format_time(moment, pattern, locale=_locale(language))


def hours_text(start: time | None, end: time | None, language: str) -> str:
    """Write hours of a day: `9:00 to 16:00`, `9 h à 16 h`, or that they are to be announced."""
    labels = labels_in(language)
    said = {"start": _known(start, language), "end": _known(end, language)}
    if start is not None and end is not None:
        return labels["hours"].format_map(said)
    if start is not None:
        return labels["from_time"].format_map(said)
    return labels["until_time" if end is not None else "times_to_be_announced"].format_map(said)


def _known(moment: time | None, language: str) -> str:
    return "" if moment is None else time_text(moment, language)


def schedule_text(days: Iterable[Day], language: str) -> tuple[str, ...]:
    """Write days with their hours: one line where the hours are the same, else a line a day."""
    ordered = sorted(days, key=lambda day: day.date)
    if not ordered:
        return ()
    if len({(day.starts, day.ends) for day in ordered}) == 1:
        return (_same_hours_text(ordered, language),)
    return tuple(_same_hours_text([day], language) for day in ordered)


def _same_hours_text(days: Sequence[Day], language: str) -> str:
    hours = hours_text(days[0].starts, days[0].ends, language)
    if len(days) > 1 and days[0].starts is not None:
        hours = labels_in(language)["each_day"].format(hours=hours)
    return f"{days_text((day.date for day in days), language)}, {_in_a_sentence(hours)}"


def _in_a_sentence(phrase: str) -> str:
    return phrase[:1].lower() + phrase[1:]


@lru_cache(maxsize=_KEPT)
def zone_name(zone: str, language: str) -> str:
    """An IANA zone as people call it: `Eastern Time`, `heure de l’Est`."""
    locale = _locale(language)
    return str(get_timezone_name(ZoneInfo(zone), zone_variant="generic", locale=locale))


def moment_text(moment: datetime, zone: str, language: str) -> str:
    """Write an aware moment as its day and time in an IANA zone, for deadlines and datelines."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be written as a local time")
    local = moment.astimezone(ZoneInfo(zone))
    said = {"day": day_text(local.date(), language), "time": time_text(local.time(), language)}
    return labels_in(language)["moment"].format_map(said)
