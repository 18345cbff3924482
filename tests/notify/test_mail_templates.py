"""The templates of mail: none is missing, none is left over, and both languages say the same."""

from pathlib import Path

import pytest
from jinja2 import meta

from services.notify.kinds import KINDS
from tests.notify.mail_templates import FOOTER, MAIL, calls, conditions, names, parsed, used


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_has_its_template_and_every_template_its_use(language: str) -> None:
    assert names(MAIL, language) == used(MAIL, language)


def test_both_folders_hold_the_same_templates() -> None:
    assert names(MAIL, "en") == names(MAIL, "fr")
    assert {path.name for path in MAIL.iterdir()} == {"en", "fr", "layout.html"}


@pytest.mark.parametrize("name", sorted(names(MAIL, "en")))
def test_both_versions_of_a_template_say_the_same_things_under_the_same_conditions(
    name: str,
) -> None:
    english, french = (parsed(MAIL, language, name) for language in ("en", "fr"))
    assert meta.find_undeclared_variables(english) == meta.find_undeclared_variables(french)
    assert conditions(english) == conditions(french)
    assert calls(english) == calls(french)


def test_these_tests_can_fail(tmp_path: Path) -> None:
    for language in ("en", "fr"):
        (tmp_path / language).mkdir()
        for name in (*KINDS, FOOTER):
            (tmp_path / language / f"{name}.md").write_text("{% if a %}{{ b }}{% endif %}")
    assert names(tmp_path, "en") == used(tmp_path, "en")
    (tmp_path / "en" / "_left_over.md").write_text("Nobody includes this.")
    assert names(tmp_path, "en") - used(tmp_path, "en") == {"_left_over"}
    (tmp_path / "en" / "confirmed.md").write_text('{% include "en/_missing.md" %}')
    with pytest.raises(AssertionError, match="_missing"):
        used(tmp_path, "en")
    (tmp_path / "fr" / "confirmed.md").write_text('{% include "en/_footer.md" %}')
    with pytest.raises(AssertionError, match="includes en/_footer"):
        used(tmp_path, "fr")
    (tmp_path / "fr" / "offered.md").write_text("{% if not a %}{{ b }}{% endif %}")
    english, french = (parsed(tmp_path, language, "offered") for language in ("en", "fr"))
    assert conditions(english) != conditions(french)
