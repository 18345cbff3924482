"""A letter that is filled in is the one that would be written for its reader alone."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.ids import new_id
from services.contracts import CONTRACTS
from services.notify.letterhead import letterhead_with
from services.notify.letters.context import letter_context
from services.notify.letters.letter import Letter, Shared, form_of, write
from services.notify.letters.look import look_of
from tests.databases import settings_for
from tests.hostile.corpora.headers import HEADER_INJECTIONS
from tests.notify.factories import Data, a_contact, confirmed, in_language, waitlisted

LOOK = look_of(letterhead_with(sender_name="Éducation & cie"), "en")


LETTERS = settings_for(Path())


def context_of(sample: tuple[Any, Data], kind: str, language: str, **facts: Any) -> dict[str, Any]:
    contract, data = in_language(sample, language)
    read = CONTRACTS[contract.type].load(contract.dump(data))
    return letter_context(kind, read | {"as_of": None} | facts, language, LETTERS)


def both_ways(context: dict[str, Any]) -> tuple[Letter, Letter]:
    kind, language = context["kind"], context["language"]
    alone = form_of(kind, language, Shared(repr(context), context), LOOK)
    return write(kind, language, context, LOOK), alone


@given(
    name=st.text(max_size=60), place=st.integers(1, 3000), language=st.sampled_from(["en", "fr"])
)
def test_whatever_the_reader_is_called_and_wherever_they_stand(
    name: str, place: int, language: str
) -> None:
    sample = waitlisted(recipient=a_contact(name=name), place=place, registration_id=new_id())
    filled, alone = both_ways(context_of(sample, "waitlisted", language))
    assert filled == alone


@pytest.mark.parametrize("name", HEADER_INJECTIONS)
def test_a_hostile_name_is_filled_in_as_it_would_be_written(name: str) -> None:
    filled, alone = both_ways(
        context_of(confirmed(recipient=a_contact(name=name)), "confirmed", "en")
    )
    assert filled == alone


def test_a_long_subject_is_shortened_after_it_was_filled_in() -> None:
    context = context_of(waitlisted(place=1000), "waitlisted", "en")
    filled, alone = both_ways(context | {"title": "x" * 160})
    assert filled.subject == f"{alone.subject[:159]}…"
    assert filled.text == alone.text
