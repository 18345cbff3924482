"""A letter: one template for each kind and language, read twice, as text and as HTML."""

import re
from dataclasses import dataclass
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notify.letters.html_part import html_of
from services.notify.letters.look import Look
from services.notify.letters.media import Markdown, Medium, Plain

LONGEST_SUBJECT = 160
_GAP = re.compile(r"\n{3,}")
_LOADER = PackageLoader("services.notify", "templates/mail")


@dataclass(frozen=True)
class Letter:
    """The words of a mail; both parts come from one template, so they cannot contradict."""

    subject: str
    text: str
    html: str


def write(kind: str, language: str, context: dict[str, Any], look: Look) -> Letter:
    """Fill in the template of a kind in a language; its first line is the subject."""
    context = context | {"answers_to": look.answers_to}
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
        subject=_shortened(subject),
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
