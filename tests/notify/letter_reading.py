"""A mail as it is written for an event, and what its HTML part shows."""

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from services.notify.composing import compose
from services.notify.letterhead import letterhead_with
from services.notify.message import Mail
from services.notify.models import Delivery, Letterhead
from services.notify.truth import facts_now
from tests.databases import settings_for
from tests.notify.factories import Data, an_event


def compose_mail(
    sample: tuple[Any, Data],
    kind: str,
    data: Path = Path("var"),
    letterhead: Letterhead | None = None,
    *,
    late: timedelta = timedelta(),
) -> Mail:
    """What a delivery of this event becomes when it is sent so much later."""
    contract, facts = sample
    signed = letterhead or letterhead_with()
    event = an_event(contract, facts)
    delivery = Delivery(
        id=event.id,
        kind=kind,
        event_type=event.type,
        event_time=event.time,
        context=event.data,
        language=facts["recipient"]["language"],
        recipient_name=facts["recipient"]["name"],
        recipient_email=facts["recipient"]["email"],
    )
    now = event.time + late
    return compose(delivery, facts_now(delivery, None, now), settings_for(data), signed, now=now)


class Outline(HTMLParser):
    """The elements, the addresses and the visible words of an HTML part."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self._words: list[str] = []
        self.feed(source)
        self.close()

    @property
    def words(self) -> str:
        return " ".join("".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in ("base", "meta", "br", "link", "hr", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self._words.append(data)
