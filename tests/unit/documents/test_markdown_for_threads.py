"""The first links of a process come out right, however many threads write them at once."""

import subprocess
import sys

import pytest

PROCESSES = 12
"""Without care one in three or four gets something wrong."""

FIRST_LINKS = """
import sys, threading
from {module} import {function} as html

threads, pages = 8, []
together = threading.Barrier(threads)

def write():
    together.wait()
    pages.append(str(html("[see](https://example.org/a?b=c)")))

sys.setswitchinterval(1e-6)
all_of_them = [threading.Thread(target=write) for _ in range(threads)]
for each in all_of_them: each.start()
for each in all_of_them: each.join()
print(sum('href="https://example.org/a?b=c"' in each for each in pages), "of", threads)
"""


@pytest.mark.parametrize(
    ("module", "function"),
    [("services.notify.letters.html_part", "html_of"), ("services.catalog.markdown", "rendered")],
)
def test_the_first_links_of_a_process(module: str, function: str) -> None:
    program = FIRST_LINKS.format(module=module, function=function)
    for _ in range(PROCESSES):
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["8", "of", "8"], done.stderr
