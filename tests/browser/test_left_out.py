"""What becomes of the browser tests on a machine without Chromium. These run everywhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

JOURNEY = Path(__file__).with_name("test_waiting_list.py")
ROOT = Path(__file__).parents[2]


def without_chromium(**settings: str) -> subprocess.CompletedProcess[str]:
    """Run a journey where no program can be found."""
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(JOURNEY)],
        cwd=ROOT,
        env=kept | {"PATH": ""} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_they_are_left_out_and_the_last_words_say_how_to_get_them() -> None:
    done = without_chromium()
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout
    assert "1 deselected" in done.stdout
    assert "skipped" not in done.stdout
    words = (
        "Left out, as there is no Chromium here: 1 browser test. To get it: apt install chromium."
    )
    assert words in done.stdout


def test_in_ci_that_is_an_error() -> None:
    done = without_chromium(CI="true")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no Chromium here" in done.stderr
    assert "apt install chromium" in done.stderr
