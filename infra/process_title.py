"""The name under which `ps` and `top` show a process that was forked and never executed.

The package setproctitle would do it, and Celery and gunicorn would use it as well, each to name
its processes in its own way and to write over their environment.
"""

import ctypes
import sys
from pathlib import Path

_ARGUMENTS_START, _ARGUMENTS_END = 48, 49
"""Fields of /proc/self/stat, counted from one as proc(5) does."""


def set_process_title(title: str) -> None:
    """Write it over this process's arguments, where Linux reads what a process is."""
    if sys.platform != "linux":
        return
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    start, end = (int(fields[each - 3]) for each in (_ARGUMENTS_START, _ARGUMENTS_END))
    room = end - start - 1
    # A last byte that is not zero tells Linux to show what stands before the first zero.
    content = title.encode()[: room - 1].ljust(room, b"\0") + b" "
    ctypes.memmove(start, content, len(content))
