"""A letter: one template for each kind and language, read twice, as text and as HTML."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from secrets import token_hex
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notify.letters.html_part import html_of
from services.notify.letters.look import Look
from services.notify.letters.media import Markdown, Medium, Plain
from services.notify.plain_text import one_line

LONGEST_SUBJECT = 160
_GAP = re.compile(r"\n{3,}")
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
_LOADER = PackageLoader("services.notify", "templates/mail")

_NAME, _PLACE, _LINK, _WAY_OUT = (f"blank{token_hex(12)}" for _ in range(4))
_LINKS = {"link": _LINK, "unsubscribe": _WAY_OUT}


@dataclass(frozen=True)
class Letter:
    """The words of a mail; both parts come from one template, so they cannot contradict."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Shared:
    """What the letters of many readers say alike, known again by its words."""

    words: str
    context: dict[str, Any] = field(compare=False)


def write(kind: str, language: str, context: dict[str, Any], look: Look) -> Letter:
    """Fill in the template of a kind in a language; its first line is the subject.

    It is filled in with blanks for what is the reader's own, and kept for other readers: a
    thousand letters of one session differ in nothing else.
    """
    own, shared = _apart(context)
    form = form_of(kind, language, Shared(repr(shared), shared), look)
    return Letter(
        subject=_shortened(_filled(form.subject, own)),
        text=_filled(form.text, own),
        html=_filled(form.html, {blank: _in_html(value) for blank, value in own.items()}),
    )


def _apart(context: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """The reader's own by blank, and the rest with the blanks.

    Of a link it is the end, letters that are the same in each medium. The first in line is told
    so in words of their own.
    """
    own, shared = {}, dict(context)
    if context["name"]:
        own[_NAME], shared["name"] = one_line(context["name"]), _NAME
    if (context.get("place_in_line") or 0) > 1:
        own[_PLACE], shared["place_in_line"] = str(context["place_in_line"]), _PLACE
    for name, blank in _LINKS.items():
        start, slash, token = context.get(name, "").rpartition("/")
        if _TOKEN.fullmatch(token):
            own[blank], shared[name] = token, f"{start}{slash}{blank}"
    return own, shared


def _filled(text: str, own: dict[str, str]) -> str:
    """No value can hold a blank, as nobody can know one."""
    for blank, value in own.items():
        text = text.replace(blank, value)
    return text


def _in_html(value: str) -> str:
    return escape(value, quote=False).replace("\u00a0", "&nbsp;")


@lru_cache(maxsize=64)
def form_of(kind: str, language: str, shared: Shared, look: Look) -> Letter:
    """A letter with these very words, blanks or not."""
    context = shared.context | {"answers_to": look.answers_to}
    subject, text = _read(_TEXT, f"{language}/{kind}.md", context)
    _same_subject, source = _read(_SOURCE, f"{language}/{kind}.md", context)
    footers = [_fill(each, f"{language}/_footer.md", context) for each in (_TEXT, _SOURCE)]
    page = _LAYOUT.get_template("layout.html").render(
        language=language,
        subject=subject,
        body=html_of(source),
        footer=html_of(footers[1]),
        look=look,
    )
    return Letter(
        subject=subject,
        text="\n\n".join([text, *_signed(look), f"--\n{footers[0]}\n"]),
        html=_INLINER.inline(page),
    )


def _read(environment: Environment, template: str, context: dict[str, Any]) -> tuple[str, str]:
    """The first line, and the rest."""
    subject, _, body = _fill(environment, template, context).partition("\n")
    return subject, body.strip()


def _fill(environment: Environment, template: str, context: dict[str, Any]) -> str:
    return _GAP.sub("\n\n", environment.get_template(template).render(context)).strip()


def _signed(look: Look) -> list[str]:
    return ["\n".join(look.signature)] if look.signature else []


def _shortened(subject: str) -> str:
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…"


def _environment(medium: Medium) -> Environment:
    environment = Environment(
        loader=_LOADER,
        autoescape=False,  # noqa: S701 - the medium escapes every value in its own notation.
        undefined=StrictUndefined,
        finalize=medium.shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals.update(
        button=medium.button,
        link_to=medium.link,
        named_link=medium.named_link,
        quote=medium.quote,
        facts=medium.facts,
        prose=medium.prose,
    )
    return environment


_TEXT, _SOURCE = _environment(Plain()), _environment(Markdown())
_LAYOUT = Environment(loader=_LOADER, autoescape=True, undefined=StrictUndefined, auto_reload=False)
_INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
