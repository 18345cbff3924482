"""The templates of mail taken apart: what they include, ask, call and say."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, meta, nodes

import services.notify
from services.notify.kinds import KINDS

MAIL = Path(services.notify.__file__).parent / "templates" / "mail"
FOOTER = "_footer"
"""What stands under every mail; the writer of letters names it himself."""

ENVIRONMENT = Environment()  # noqa: S701 - it reads templates and fills in none.


def names(folder: Path, language: str) -> set[str]:
    return {path.stem for path in (folder / language).iterdir()}


def parsed(folder: Path, language: str, name: str) -> nodes.Template:
    source = (folder / language / f"{name}.md").read_text(encoding="utf-8")
    return ENVIRONMENT.parse(source)


def included(folder: Path, language: str, name: str) -> Iterator[str]:
    """The template and all that it includes, each of which must be there, in its own language."""
    yield name
    for found in meta.find_referenced_templates(parsed(folder, language, name)):
        assert found is not None
        inner_language, _, inner = found.removesuffix(".md").partition("/")
        assert inner_language == language, f"{language}/{name}.md includes {found}"
        assert inner in names(folder, language), f"{language}/{name}.md includes {found}"
        yield from included(folder, language, inner)


def used(folder: Path, language: str) -> set[str]:
    return {each for name in (*KINDS, FOOTER) for each in included(folder, language, name)}


def conditions(template: nodes.Template) -> Counter[str]:
    """Every question that a template asks, with how often; French orders some otherwise."""
    return Counter(repr(each.test) for each in template.find_all(nodes.If))


def calls(template: nodes.Template) -> Counter[str]:
    """Every call of button, facts and the like, with its arguments beside the words."""
    found = Counter[str]()
    for call in template.find_all(nodes.Call):
        variables = [each.name for each in call.find_all(nodes.Name) if each.name != "fact"]
        found[" ".join(variables)] += 1
    return found


def said(node: nodes.Node) -> Iterator[str]:
    """The words that a template can print, without the names that it only compares with."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, nodes.Include):
        left_out = {"test"} if isinstance(node, nodes.If | nodes.CondExpr) else set()
        left_out |= {"key"} if isinstance(node, nodes.Pair) else set()
        for child in node.iter_child_nodes(exclude=left_out):
            yield from said(child)
