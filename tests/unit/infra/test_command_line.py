"""The command line explains itself, and names what is wrong in one line."""

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from infra.cli import COMMANDS, turnout

WRONG = [
    ("TURNOUT_PORT", "eighty"),
    ("TURNOUT_PORT", "70000"),
    ("TURNOUT_BASE_URL", "workshops.example.org"),
    ("TURNOUT_MAIL_URL", "pigeon://"),
    ("TURNOUT_MAIL_URL", "smtp://mail.example.org?bounces=nobody"),
    ("TURNOUT_MAIL_URL", "smtp://mail.example.org?bounces=a@example.org%0d%0aRCPT"),
    ("TURNOUT_MAIL_URL", "smtp://mail.example.org?from=@example.org"),
    ("TURNOUT_MAIL_URL", "smtp://mail.example.org?bounce=bounces@example.org"),
    ("TURNOUT_MAIL_URL", "folder:?bounces=bounces@example.org"),
    ("TURNOUT_REDIS_URL", "amqp://broker"),
    ("TURNOUT_SECRET_KEY", "short"),
    ("TURNOUT_SIGN_UP_LIMIT", "now and then"),
    ("TURNOUT_CATALOG_DATABASE_URL", "mysql://somewhere"),
    ("TURNOUT_DATA", "/dev/null/turnout"),
    ("TURNOUT_SECRET_KEY_FILE", "/no/such/file"),
]


def run(*arguments, **environ):
    return CliRunner().invoke(turnout, arguments, env=environ, prog_name="turnout")


def leaves(name):
    """A command's names, or those of the commands in a group."""
    command = turnout.get_command(click.Context(turnout), name)
    return [(name, each) for each in getattr(command, "commands", {})] or [(name,)]


@pytest.mark.parametrize("names", [names for each in COMMANDS for names in leaves(each)])
def test_every_command_says_what_it_does_and_explains_each_option(names):
    result = run(*names, "--help")
    assert result.exit_code == 0
    command = turnout
    for name in names:
        command = command.get_command(click.Context(command), name)
    assert command.help.count(".") >= 1
    assert all(each.help for each in command.params if isinstance(each, click.Option))


def test_the_list_of_commands_begins_with_what_a_newcomer_needs():
    result = run("--help")
    assert result.exit_code == 0
    assert result.output.index("  run ") < result.output.index("  doctor ")


@pytest.mark.parametrize(("name", "value"), WRONG)
@pytest.mark.parametrize("command", ["run", "doctor"])
def test_a_wrong_setting_is_named_in_one_line_and_ends_with_2(tmp_path, command, name, value):
    environ = {"TURNOUT_DATA": str(tmp_path), name: value}
    result = run(command, **environ)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"turnout: {name}: ")
    assert result.stderr.count("\n") == 1


def test_a_secret_that_is_wrong_is_not_repeated(tmp_path):
    result = run("doctor", TURNOUT_DATA=str(tmp_path), TURNOUT_SECRET_KEY="hunter2")
    assert "hunter2" not in result.output


def test_an_unknown_command_is_named():
    result = run("fly")
    assert result.exit_code == 2
    assert "fly" in result.stderr


def test_importing_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xff")
    result = run("import", str(tmp_path / "picture.png"), TURNOUT_DATA=str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.endswith("is not a text file in UTF-8.\n")


def test_the_module_runs_as_the_command_does(tmp_path):
    environ = os.environ | {"TURNOUT_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "infra", "--version"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("turnout, version ")
