"""A core for each web process, where the machine has no more cores than it has such processes.

Left to itself the kernel lets both wait for one core, time and again in a rush, while on the other
a worker runs that could wait. On larger machines it has cores enough.
"""

import os
from typing import Any


def choose_core(arbiter: Any, worker: Any) -> None:
    """Gunicorn's `pre_fork`: of the cores that this process may use, the least taken one."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    taken = [each.core for each in arbiter.WORKERS.values()]
    is_tight = 0 < len(cores) <= arbiter.cfg.workers
    worker.core = min(cores, key=taken.count) if is_tight else None


def stay_on_core(_arbiter: Any, worker: Any) -> None:
    """Gunicorn's `post_fork`: the process keeps to the core that was chosen for it."""
    if worker.core is not None:
        os.sched_setaffinity(0, {worker.core})
