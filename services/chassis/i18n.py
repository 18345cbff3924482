"""Language: which one the reader gets, where the French words are, and the switch."""

from collections.abc import Sequence
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.wrappers import Request

LANGUAGES = {"en": "English", "fr": "Français"}
COOKIE = "language"
_YEAR_SECONDS = 365 * 24 * 3600
CATALOGUES = Path(__file__).parent / "translations"


class _PoDomain(Domain):  # type: ignore[misc]
    """Reads the .po files themselves, so that no compiled copy can be out of date."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return translations(locale.language if locale else "en")


class _PoBabel(Babel):  # type: ignore[misc]
    """Flask-Babel takes a domain's name only, so the domain itself is put in its place."""

    @cached_property
    def domain_instance(self) -> Domain:
        return _PoDomain()


@cache
def translations(language: str) -> NullTranslations:
    """The words of a language; English is what the source is written in."""
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(fp=compiled)


def set_up_languages(app: Flask) -> None:
    """Give the app its languages: `?lang=`, then the cookie, then the browser's wish."""
    _PoBabel(app, locale_selector=_wished)
    app.after_request(_remember)
    app.context_processor(lambda: {"language_links": language_links, "language": reader_language()})


def reader_language() -> str:
    """The language of whoever reads this answer, `en` or `fr`."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else "en"


def say(words: dict[str, str], language: str) -> tuple[str, str]:
    """A bilingual text in the language, or else in the other one; with the language it is in."""
    other = "fr" if language == "en" else "en"
    return (words[language], language) if words[language] else (words[other], other)


def language_links() -> Sequence[tuple[str, str, str, bool]]:
    """Code, name, address and whether it is the present one, for the switch on each page."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    current = reader_language()
    return [
        (code, name, _address([*kept, ("lang", code)]), code == current)
        for code, name in LANGUAGES.items()
    ]


def _address(args: list[tuple[str, str]]) -> str:
    """The page's own address; with two slashes at its beginning it would be another site's."""
    return f"/{quote(request.path.lstrip('/'))}?{urlencode(args)}"


def chosen_language() -> str:
    """The language that the reader has chosen on this site, now or before; empty when none."""
    if (asked := request.args.get("lang")) in LANGUAGES:
        g.language_asked = asked
    return _chosen(request)


def wished_language(asking: Request) -> str:
    """The language in which a request is answered: the chosen one, or else the browser's wish."""
    return _chosen(asking) or asking.accept_languages.best_match(list(LANGUAGES)) or "en"


def _chosen(asking: Request) -> str:
    asked, kept = asking.args.get("lang", ""), asking.cookies.get(COOKIE, "")
    return next((each for each in (asked, kept) if each in LANGUAGES), "")


def _wished() -> str:
    return chosen_language() or wished_language(request) if has_request_context() else "en"


def _remember(response: Response) -> Response:
    if "language_asked" in g:
        response.set_cookie(
            COOKIE, g.language_asked, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True
        )
    return response
