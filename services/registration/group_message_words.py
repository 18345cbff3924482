"""How the pages put a message to a group: to whom it goes, who is left out, how it will look."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from services.chassis.i18n import reader_language
from services.chassis.wall_clock import STAFF_ZONE
from services.documents.dates import moment_text
from services.documents.group_text import Block, Piece, blocks_of, filled, merge_values
from services.registration.audiences import CLUSTER, LOCAL, NO_SHOW, Audience, Group
from services.registration.choosing_audience import area_text
from services.registration.group_messages import Draft, LanguageMissing, SentMessage
from services.registration.models import Organisation, Registration, WorkshopSession
from services.registration.telling import facts_of
from services.registration.wording import SessionWords, names_text

GROUPS = {
    "confirmed": lazy_gettext("Confirmed"),
    "offered": lazy_gettext("Offered a seat"),
    "waiting": lazy_gettext("Waiting"),
    "cancelled": lazy_gettext("Cancelled"),
    NO_SHOW: lazy_gettext("Did not come"),
}


@dataclass(frozen=True)
class Letter:
    """The message in one language, filled in for one of its readers."""

    language: str
    for_whom: str
    subject: str
    blocks: tuple[Block, ...]


class SentWords:
    """A message that was sent, as the list shows it."""

    def __init__(self, sent: SentMessage) -> None:
        message = sent.message
        self.id, self.author, self.size = message.id, message.author, message.size
        language = reader_language()
        other = "fr" if language == "en" else "en"
        self.subject = message.subject[language] or message.subject[other]
        self.language = language if message.subject[language] else other
        self.session = SessionWords(sent.session) if sent.session else None
        kept = message.audience
        self.to = audience_text(Audience(kept["kind"], area=kept["area"]), sent.organisation)
        self.sent_at = moment_text(message.sent_at, STAFF_ZONE, language)


def audience_text(audience: Audience, organisation: Organisation | None) -> str:
    """To whom a message goes, without the session."""
    local = organisation.label if organisation else ""
    if audience.kind == CLUSTER:
        return area_text(audience.area)
    if audience.kind == LOCAL:
        return local
    return ", ".join(each for each in (str(GROUPS[audience.kind]), local) if each)


def group_text(kind: str, group: Group) -> str:
    """A group with its size, by language where both are read."""
    english, french = group.languages.values()
    if english and french:
        sizes = _("%(english)d in English, %(french)d in French", english=english, french=french)
    elif english or french:
        sizes = _("%(number)d in English", number=english) if english else ""
        sizes = sizes or _("%(number)d in French", number=french)
    else:
        sizes = _("nobody")
    return f"{GROUPS[kind]} ({sizes})"


def language_missing(problem: LanguageMissing) -> str:
    """Why the other language is needed too."""
    words: str
    if problem.language == "fr":
        words = ngettext(
            "One person in this group reads French: please write the message in French too.",
            "%(num)d people in this group read French: please write the message in French too.",
            problem.readers,
        )
    else:
        words = ngettext(
            "One person in this group reads English: please write the message in English too.",
            "%(num)d people in this group read English: please write the message in English too.",
            problem.readers,
        )
    return words


def left_out(group: Group) -> list[tuple[str, str]]:
    """Who in the group gets no mail: why, and their names."""
    reasons = (
        (_("Mail does not reach them"), group.unreachable),
        (_("Have not agreed to announcements, or want no more"), group.not_agreed),
    )
    return [(f"{why} ({len(people)})", names_text(people)) for why, people in reasons if people]


def preview(draft: Draft, group: Group, session: WorkshopSession | None) -> list[Letter]:
    """The message in each of its languages, with the data of a reader of that language."""
    return list(_letters(draft, group, session))


def _letters(draft: Draft, group: Group, session: WorkshopSession | None) -> Iterator[Letter]:
    facts = facts_of(session) if session else None
    page = Piece(_("(the link to their own page)"))
    for language in draft.languages:
        reader = _sample(group, language)
        values = merge_values(
            facts, name=reader.name, local=reader.organisation_name, language=language
        )
        yield Letter(
            language,
            reader.name,
            filled(draft.subject[language], values),
            blocks_of(draft.body[language], values, page=page),
        )


def _sample(group: Group, language: str) -> Registration:
    return next((each for each in group.readers if each.language == language), group.readers[0])
