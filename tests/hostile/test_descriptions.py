"""Markdown that staff write or a listing brings: safe HTML, whatever is in it."""

from services.catalog.markdown import rendered
from services.documents.printable import printable
from tests.hostile.corpora.everything import EVERYTHING
from tests.hostile.corpora.scripts import SCRIPTS
from tests.hostile.effort import report
from tests.hostile.markup import Markup


def test_nothing_runs_or_loads_and_no_link_leads_away_by_surprise() -> None:
    dangers = {
        text: found
        for text in (*EVERYTHING, "\n\n".join(SCRIPTS))
        if printable(text) == text and (found := Markup(rendered(text)).dangers)
    }
    report("texts as descriptions", len(EVERYTHING))
    assert dangers == {}


def test_text_that_is_no_markup_is_read_as_it_was() -> None:
    page = Markup(rendered("{{7+7}} {0.x} ${7+7} <b>bold</b> =1+1 O'Brien & Sons"))
    assert page.text == "{{7+7}} {0.x} ${7+7} <b>bold</b> =1+1 O'Brien & Sons"
