"""Writes docs/permissions.md from the policy: `python -m infra.permissions_page`."""

from collections.abc import Iterable
from pathlib import Path

from services.chassis.policy import ACTIONS
from services.chassis.rules import REACHES, ROLES, Action

PAGE = Path(__file__).parents[1] / "docs" / "permissions.md"

_HEAD = """# Who may do what

Written from `services/chassis/policy.py` by `make permissions`; do not edit it here.
Staff read the same table, in English or French, at `/staff/permissions`.

An empty cell means no: what no row allows is forbidden.

- **in own areas**: an administrator may give a coordinator areas of the federation. The
  coordinator then sees and changes only what is in them, and what is in no area. One to
  whom none are given works in all.
- **who has no areas of their own**: the matter concerns every area at once.
- **own sessions**: a facilitator's address is the one given on the session. The right
  ends fourteen days after the session's last day, as the links to its roster do.
- **own local**: an officer sees the people of the local that their account has.
- **own**: a link from a mail opens one thing: that person's place, that recipient's
  roster, that reader's announcements, or what a mail provider has signed.

What a role may not see is in no page, file or answer that it gets. An access token may
do less than its owner, never more. Actions marked with * are written down in the audit
log whenever they show somebody something; what staff change is always written down.
"""


def permissions_page() -> str:
    """The whole page."""
    rows = [["Action", *(str(words).capitalize() for words in ROLES.values())]]
    rows.append(["---"] * len(rows[0]))
    rows += [_row(action) for action in ACTIONS.values()]
    return f"{_HEAD}\n{''.join(_line(row) for row in rows)}"


def _row(action: Action) -> list[str]:
    reaches = [action.rights.get(role) for role in ROLES]
    name = f"{action.words}{' *' if action.is_recorded else ''}"
    return [name, *(str(REACHES[reach]) if reach else "" for reach in reaches)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(permissions_page(), encoding="utf-8")
