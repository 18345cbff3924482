"""Places faults in Turnout's own processes from outside, so that no production code knows of them.

Python imports a module of this name when it starts. This one is found only where a test has put
its folder on PYTHONPATH, and does nothing unless FAULTS_FOLDER names a folder. A file there with
the name of a place arms it, at any moment, also in processes that run already:

    {"do": "kill", "process": "worker", "about": "registration.confirmed.v1", "times": 1}

`do` is kill (-9), raise, or leave (with exit code 1); `process` the beginning of the command's
arguments, `about` something that the matter in hand must hold, both empty for any; `times` is
counted over all processes, 0 for ever. What happened is appended to the file `happened`.

    place                       where it stands
    between-brpop-and-hset      kombu has taken a message and has not noted it as unfinished
                                (about: its task, and what it says)
    between-publish-and-mark    the relay has sent its batch and not noted it
    before-commit               a POST's transaction is about to commit (about: the path)
    after-commit                a POST's transaction has committed, nothing is answered yet
    in-the-window               the provider took a mail, its outcome is not noted (the address)
    handler                     a service begins to handle an event (about: its data)
    start                       a worker starts
    skip-lock                   no `do`: web pages count seats without any lock, and then dawdle

The file `clock` holds by how many seconds these processes' clocks are ahead (time-machine).
"""

import fcntl
import importlib.abc
import importlib.machinery
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from functools import wraps
from pathlib import Path

FOLDER = Path(os.environ.get("FAULTS_FOLDER", ""))
DAWDLE_SECONDS = 0.25
CLOCK_EVERY_SECONDS = 0.2
real_sleep = time.sleep


def reach(place: str, about: str = "") -> None:
    """Let happen here what is armed."""
    path = FOLDER / place
    if not path.exists():
        return
    with claiming():
        plan = json.loads(path.read_text()) if path.exists() else None
        if plan is None or not concerns(plan, about):
            return
        count_down(path, plan)
        note(place, plan)
    act(plan)


@contextmanager
def claiming():
    """One process and one thread at a time."""
    with (FOLDER / "claim").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def concerns(plan: dict, about: str) -> bool:
    return plan["about"] in about and " ".join(sys.argv[1:]).startswith(plan["process"])


def count_down(path: Path, plan: dict) -> None:
    if plan["times"] == 1:
        path.unlink()
    elif plan["times"]:
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(plan | {"times": plan["times"] - 1}))
        draft.replace(path)


def note(place: str, plan: dict) -> None:
    with (FOLDER / "happened").open("a") as file:
        line = {"place": place, "do": plan["do"], "process": sys.argv[1:], "pid": os.getpid()}
        file.write(f"{json.dumps(line)}\n")


def act(plan: dict) -> None:
    if plan["do"] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if plan["do"] == "leave":
        os._exit(1)
    if plan["do"] == "raise":
        raise RuntimeError("a placed fault")


def before(original: Callable, place: str, about: Callable[..., str | None]) -> Callable:
    """The function with a place before it; `about` gives None where the place is not reached."""

    @wraps(original)
    def function(*arguments, **named):
        matter = about(*arguments, **named)
        if matter is not None:
            reach(place, matter)
        return original(*arguments, **named)

    return function


def in_kombu(module) -> None:
    module.QoS.append = before(
        module.QoS.append, "between-brpop-and-hset", lambda _qos, message, _tag: said_by(message)
    )


def said_by(message) -> str:
    return f"{message.headers.get('task', '')} {message.body!r}"


def in_relay(module) -> None:
    module._note_sent = before(
        module._note_sent, "between-publish-and-mark", lambda _db, rows, _now: "" if rows else None
    )


def in_noting(module) -> None:
    def address(_db, claim, outcome, **_more):
        return claim.delivery.recipient_email if outcome.state == module.ACCEPTED else None

    module.note_outcome = before(module.note_outcome, "in-the-window", address)


def in_inbox(module) -> None:
    def data(_inbox, _db, event, _now):
        return json.dumps(event.data, default=str)

    module.Inbox._apply = before(module.Inbox._apply, "handler", data)


def in_worker(module) -> None:
    module.run_worker = before(module.run_worker, "start", lambda _celery, _runtimes: "")


def in_database(module) -> None:
    for when in ("before", "after"):
        module.sa.event.listen(
            module.Session, f"{when}_commit", lambda _db, when=when: at_commit(f"{when}-commit")
        )
    in_turn = module.Database._in_turn
    module.Database._in_turn = lambda self: nullcontext() if is_unlocked() else in_turn(self)


def in_engines(module) -> None:
    begin = module._begin_sqlite
    module._begin_sqlite = lambda connection: None if is_unlocked() else begin(connection)


def at_commit(place: str) -> None:
    flask = sys.modules.get("flask")
    if flask and flask.has_request_context() and flask.request.method == "POST":
        reach(place, flask.request.path)


def in_seats(module) -> None:
    """Without its lock a sign-up counts before it writes: on SQLite no BEGIN, here no flush."""
    locked, count = module.locked, module.crowd_of

    def crowd_of(db, session_id):
        if not is_unlocked():
            return count(db, session_id)
        with db.no_autoflush:
            crowd = count(db, session_id)
        real_sleep(DAWDLE_SECONDS)
        return crowd

    module.locked = lambda db, model, key: (
        db.get(model, key) if is_unlocked() else locked(db, model, key)
    )
    module.crowd_of = crowd_of


def is_unlocked() -> bool:
    return (FOLDER / "skip-lock").exists() and sys.argv[1:2] == ["web"]


PATCHES = {
    "kombu.transport.redis": in_kombu,
    "services.chassis.db": in_database,
    "services.chassis.engines": in_engines,
    "services.chassis.inbox": in_inbox,
    "services.chassis.relay": in_relay,
    "services.chassis.worker": in_worker,
    "services.notify.noting": in_noting,
    "services.registration.seats": in_seats,
}


class Patching(importlib.abc.MetaPathFinder):
    """Patches a module as soon as it has been imported; a place that is gone is an error."""

    def find_spec(self, name, path, target=None):
        patch = PATCHES.get(name)
        spec = importlib.machinery.PathFinder.find_spec(name, path) if patch else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_patch(module):
            execute(module)
            patch(module)

        spec.loader.exec_module = execute_and_patch
        return spec


class Clock:
    """Keeps this process as far ahead as the file says; a forked one may be ahead already."""

    def __init__(self) -> None:
        self.travel, self.ahead = None, 0.0

    def start(self) -> None:
        """At once, before anything reads the time, and from then on."""
        self.look()
        threading.Thread(target=self.keep_looking, name="clock ahead", daemon=True).start()

    def keep_looking(self) -> None:
        while True:
            real_sleep(CLOCK_EVERY_SECONDS)
            self.look()

    def look(self) -> None:
        wanted = seconds_ahead()
        if wanted == self.ahead:
            return
        real = time_machine.escape_hatch
        real_now = real.time.time() if real.is_travelling() else time.time()
        if self.travel is not None:
            self.travel.stop()
        self.travel, self.ahead = time_machine.travel(real_now + wanted, tick=True), wanted
        self.travel.start()


def seconds_ahead() -> float:
    path = FOLDER / "clock"
    return float(path.read_text()) if path.exists() else 0.0


if "FAULTS_FOLDER" in os.environ:
    import time_machine  # Now: an import that a thread has begun would hang a forked process.

    sys.meta_path.insert(0, Patching())
    os.register_at_fork(after_in_child=lambda: Clock().start())
    Clock().start()
