"""The catalogue's codes in words: flags, refusals, fields, provinces, zones."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from services.catalog.publication import FEWEST_SEATS, MOST_SEATS

Words = Mapping[str, LazyString]

FLAGS: Words = {
    "no_title": _("The listing gives no title."),
    "no_place": _("The listing gives no place."),
    "place_and_online": _("Listed in a place and described as online, or the other way round."),
    "unknown_province": _("The listing gives no province, so the time zone is not certain."),
    "no_language": _("The listing gives no language, or more than one."),
    "fee_unclear": _("The fee is not clear."),
    "hours_unclear": _("The number of hours is not clear."),
    "times_in_description": _("The description has times of day; please enter them."),
    "date_unclear": _("The day of the week does not fit the date."),
    "unread_cell": _("A part of the date line could not be read."),
    "listing_says": _("The listing now says something else."),
}

REASONS: Words = {
    "open_flags": _("There are flags to settle."),
    "no_title": _("It has no title."),
    "long_title": _("Its title is longer than 200 characters."),
    "no_days": _("It has no day."),
    "end_before_start": _("On one of its days it ends before it starts."),
    "no_place": _("It has no place, and it is not said to be online."),
    "no_language": _("Its language is not given."),
    "no_capacity": _("It has no number of seats."),
    "capacity_out_of_range": _(
        "Its number of seats must be from %(least)d to %(most)d.",
        least=FEWEST_SEATS,
        most=MOST_SEATS,
    ),
    "no_fee": _("Its fee is not given. Enter 0 where it is free."),
    "past": _("Its days have passed."),
    "reason_missing": _("Please give a reason: members will be told of this."),
    "changed_meanwhile": _(
        "Somebody else has changed this since you opened it. Your changes are not saved yet: "
        "look at what is there now and save again."
    ),
    "draft": _("That is not possible for a draft."),
    "published": _("It has been published already."),
    "cancelled": _("It has been cancelled."),
    "set_aside": _("It has been set aside."),
    "not_found": _("We could not find that."),
    "not_ready": _("It cannot be published yet."),
    "too_many_entries": _("That listing has more than 2,000 entries. Please import it in parts."),
    "empty": _("There is nothing to read. Paste the listing, or choose a file."),
    "no_date_line": _(
        "This is not a listing: there is no line with a date, such as "
        "“Feb 25, 2026 | Renfrew, Ontario | English | $20”."
    ),
    "not_text": _("This file is not plain text. Save the listing as text (UTF-8) and try again."),
}

FIELDS: Words = {
    "dates": _("Dates"),
    "days": _("Days and hours"),
    "place": _("Location"),
    "venue": _("Venue"),
    "city": _("Town"),
    "province": _("Province"),
    "zone": _("Time zone"),
    "online": _("Online"),
    "room": _("Room"),
    "join_link": _("Link to join"),
    "language": _("Language"),
    "capacity": _("Seats"),
    "fee_affiliate_cents": _("Fee for affiliated locals"),
    "fee_other_cents": _("Fee for others"),
    "closes_at": _("Sign-up closes"),
    "auto_promote": _("Promote from the waiting list without asking"),
    "facilitators": _("Facilitators"),
    "host": _("Host"),
    "area": _("Area"),
    "notes": _("Notes"),
    "title_en": _("Title in English"),
    "title_fr": _("Title in French"),
    "description_en": _("Description in English"),
    "description_fr": _("Description in French"),
    "bring_en": _("What to bring, in English"),
    "bring_fr": _("What to bring, in French"),
    "prerequisites_en": _("Prerequisites in English"),
    "prerequisites_fr": _("Prerequisites in French"),
    "topic": _("Topic"),
    "series": _("Series"),
    "hours": _("Hours"),
}

EVENTS: Words = {
    "created": _("Made by hand"),
    "imported": _("Imported from the listing"),
    "listing_changed": _("The listing changed"),
    "changed": _("Changed"),
    "flag_settled": _("Flag settled"),
    "published": _("Published"),
    "cancelled": _("Cancelled"),
    "set_aside": _("Set aside"),
    "draft": _("Taken up again"),
    "remembered": _("Taken over from what was announced, after a restore"),
}

LEFT_OVER: Words = {
    "before_first_entry": _("stands before the first entry"),
    "page_furniture": _("belongs to the web page around the listing"),
    "trailing": _("stands after the last entry"),
    "impossible_date": _("names a date that does not exist"),
    "end_before_start": _("ends before it starts"),
    "year_missing": _("has no year"),
    "range_too_long": _("is longer than a month"),
    "unreadable_date": _("has a date that could not be read"),
    "under_unread_date": _("stands under a date that could not be read"),
}

STATUSES: Words = {
    "draft": _("Draft"),
    "published": _("Published"),
    "cancelled": _("Cancelled"),
    "set_aside": _("Set aside"),
}

LANGUAGES: Words = {"en": _("English"), "fr": _("French"), "bilingual": _("Bilingual")}

PROVINCES: Words = {
    "AB": _("Alberta"),
    "BC": _("British Columbia"),
    "MB": _("Manitoba"),
    "NB": _("New Brunswick"),
    "NL": _("Newfoundland and Labrador"),
    "NS": _("Nova Scotia"),
    "NT": _("Northwest Territories"),
    "NU": _("Nunavut"),
    "ON": _("Ontario"),
    "PE": _("Prince Edward Island"),
    "QC": _("Quebec"),
    "SK": _("Saskatchewan"),
    "YT": _("Yukon"),
}


def reason_words(code: str) -> str:
    """A refusal in the reader's language."""
    return str(REASONS.get(code, REASONS["not_found"]))


def field_words(name: str) -> str:
    """A field's name in the reader's language; also of a flag, as the history keeps it."""
    code = name.removeprefix("flag.")
    return str(FIELDS.get(name) or FLAGS.get(code) or name)
