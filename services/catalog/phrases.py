"""Short phrases about a session in the reader's language: fee, seats, place, time zone."""

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from services.catalog.availability import OPEN, PAST, WAITLIST, Availability
from services.catalog.models import CANCELLED, WorkshopSession
from services.catalog.schedule import DEFAULT_ZONE
from services.chassis.i18n import say
from services.documents.dates import zone_name
from services.documents.money import dollars_text


def fee_text(session: WorkshopSession, language: str) -> str:
    """The fee by affiliation; empty while it is not settled."""
    affiliate, other = session.fee_affiliate_cents, session.fee_other_cents
    if affiliate is None or other is None:
        return ""
    if affiliate == other:
        return dollars_text(affiliate, language) if affiliate else str(_("Free"))
    text: str = _(
        "%(affiliate)s for affiliated locals, %(other)s for others",
        affiliate=dollars_text(affiliate, language) if affiliate else _("Free"),
        other=dollars_text(other, language) if other else _("free"),
    )
    return text


def seats_text(how: Availability) -> str:
    """How it stands with seats, in a few words."""
    if how.state == OPEN:
        return str(ngettext("%(num)d seat left", "%(num)d seats left", how.left))
    others = {WAITLIST: _("Waitlist open"), PAST: _("Past"), CANCELLED: _("Cancelled")}
    return str(others.get(how.state) or _("Sign-up closed"))


def place_text(session: WorkshopSession) -> str:
    """Where it is, in one line."""
    return str(_("Online")) if session.online else session.place


def zone_text(session: WorkshopSession, language: str) -> str:
    """The name of the session's time zone, where a reader could take it for another."""
    if session.zone == DEFAULT_ZONE and not session.online:
        return ""
    return zone_name(session.zone, language)


def in_reader_language(words: dict[str, str], language: str) -> Markup:
    """A bilingual text as HTML, marked with its language where that is not the reader's."""
    text, spoken = say(words, language)
    if spoken == language or not text:
        return Markup("{}").format(text)
    return Markup('<span lang="{}">{}</span>').format(spoken, text)


def is_foreign(words: dict[str, str], language: str) -> bool:
    """Whether a text can be had in the other language only."""
    return not words[language] and any(words.values())
