"""`python -m infra` is the same as `turnout`."""

from infra.cli import turnout

turnout(prog_name="turnout")
