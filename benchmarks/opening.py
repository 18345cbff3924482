"""Noon: registration opens, and everybody presses at once.

Lets members sign up for one session over 32 kept connections, waits until the last mail is with
the SMTP server, and looks whether what was promised is so: exactly as many confirmed as there are
seats, places 1, 2, 3 … for the others, one true mail each. Another end state fails the run.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.launched import Product, run
from tests.faults.checker import check
from tests.faults.witness import Answer


@dataclass(frozen=True)
class Opening:
    """One run's figures: seconds, milliseconds, milliseconds of CPU a sign-up, bytes."""

    answered: int
    seconds: float
    p50: float
    p99: float
    last_mail: float
    cost: Mapping[str, float]
    memory: int
    generator: float

    @property
    def per_second(self) -> float:
        """Sign-ups answered."""
        return self.answered / self.seconds


def opening(product: Product, members: int, seats: int) -> Opening:
    """One run on a product that has nothing else to do; SystemExit for a wrong end state."""
    session = product.site.publish_session(seats)
    product.wait_until_quiet()
    before, began = product.cpu(), time.time()
    generator = sign_up(product, session, members)
    product.wait_until_quiet()
    after = product.cpu()
    answers = product.witness.answers(session)
    _check(product, session, answers, members, seats)
    first = min(each.at - each.milliseconds[0] / 1000 for each in answers)
    last = max(each.at for each in answers)
    times = sorted(each.milliseconds[0] for each in answers)
    return Opening(
        answered=len(answers),
        seconds=last - first,
        p50=times[len(times) // 2],
        p99=times[len(times) * 99 // 100],
        last_mail=max(each.at for each in product.witness.mails() if each.at > began) - last,
        cost={name: (after[name] - before.get(name, 0)) / members * 1000 for name in after},
        memory=product.memory(),
        generator=generator / members * 1000,
    )


def sign_up(product: Product, session: str, members: int) -> float:
    """Let everybody sign up; returns the generator's own seconds of CPU."""
    port, file = str(product.site.launched.port), str(product.witness.answers_file)
    [seconds] = run("benchmarks.clients", port, session, file, "--members", str(members))
    return float(seconds)


def _check(product: Product, session: str, answers: list[Answer], members: int, seats: int) -> None:
    """From outside: the files of answers and of mails, joined with the databases."""
    tally = check(product.witness, product.urls, session)
    confirmed = sum(each.state == "confirmed" for each in answers)
    places = sorted(each.place for each in answers if each.place)
    is_right = (
        not tally.wrongs
        and len(answers) == members == tally.accepted == tally.mails
        and confirmed == min(members, seats)
        and places == list(range(1, members - confirmed + 1))
    )
    if not is_right:
        found = {"answers": len(answers), "mails": tally.mails, "confirmed": confirmed}
        raise SystemExit(f"wrong end state: {found}, {json.dumps(tally.wrongs)[:2000]}")
