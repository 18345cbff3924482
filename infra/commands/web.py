"""The web command: serves pages and API until it is told to stop."""

import click

from infra.web import WHOLE_SITE, serve
from services.chassis.config import read_settings
from services.contracts import SERVICES


@click.command()
@click.argument("service", type=click.Choice([*SERVICES, WHOLE_SITE]))
@click.option("--behind-proxy", is_flag=True, help="Trust the visitor's address as one proxy says.")
def web(service: str, *, behind_proxy: bool) -> None:
    """Serve the web pages and the API of one SERVICE, or of all three.

    Listens on TURNOUT_HOST and TURNOUT_PORT. Use --behind-proxy when, and only when, a reverse
    proxy stands before it and nobody can reach it otherwise.
    """
    serve(service, read_settings(), behind_proxy=behind_proxy)
