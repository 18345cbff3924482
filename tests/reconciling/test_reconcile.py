"""The reconcile command: what it says, and that a site at work is left in peace."""

from click.testing import CliRunner, Result

from infra.cli import turnout
from tests.databases import SECRET
from tests.reconciling.conftest import Scene
from tests.reconciling.faults import FAULTS
from tests.reconciling.trio import Trio


def reconcile(trio: Trio) -> Result:
    urls = {
        f"TURNOUT_{name.upper()}_DATABASE_URL": each.settings.database_urls[name]
        for name, each in trio.runtimes.items()
    }
    data = str(trio.runtimes["catalog"].settings.data)
    env = {"TURNOUT_DATA": data, "TURNOUT_SECRET_KEY": SECRET, "COLUMNS": "300", **urls}
    return CliRunner().invoke(turnout, ["reconcile"], env=env)


def test_it_says_that_all_is_well_one_sentence_at_a_time(scene: Scene) -> None:
    result = reconcile(scene.trio)
    assert result.exit_code == 0, result.output
    assert "ok       I2 registration: A person has at most one live registration" in result.output
    assert result.output.endswith("Everything adds up.\n")


def test_it_names_what_breaks_an_invariant_and_says_what_to_do(scene: Scene) -> None:
    FAULTS["the_calendar_shows_the_seats"](scene)
    FAULTS["mail_is_about_places"](scene)
    result = reconcile(scene.trio)
    assert result.exit_code == 1, result.output
    assert "1        I13 between services: The catalogue's numbers of seats" in result.output
    assert f"session: {scene.session_id}" in result.output
    assert "If a database was restored, ask" in result.output
    assert result.output.endswith("2 to put right.\n")
