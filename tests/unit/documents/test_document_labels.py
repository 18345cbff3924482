"""The fixed words of documents."""

import string

import pytest

from services.documents.labels import LABELS, Labels, labels_in, status_text


def test_every_language_has_every_label() -> None:
    wanted = Labels.__required_keys__

    assert set(LABELS) == {"en", "fr"}
    for labels in LABELS.values():
        assert set(labels) == wanted
        assert all(str(text).strip() for text in labels.values())


def test_both_languages_fill_in_the_same_blanks() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = {key: blanks(str(text)) for key, text in LABELS["en"].items()}
    french = {key: blanks(str(text)) for key, text in LABELS["fr"].items()}

    assert english == french


def test_french_puts_a_space_that_does_not_break_before_a_colon() -> None:
    for text in LABELS["fr"].values():
        assert " :" not in str(text)


def test_a_status_is_said_in_the_language_of_the_document() -> None:
    assert status_text("waiting", "en") == "Waiting list"
    assert status_text("waiting", "fr") == "Liste d’attente"


def test_a_status_without_a_label_is_shown_as_it_came() -> None:
    assert status_text("parked", "fr") == "parked"


def test_a_language_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="'de'"):
        labels_in("de")
