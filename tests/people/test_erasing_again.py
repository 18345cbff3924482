"""A backup brings somebody back who was erased: the list in the data folder erases them anew."""

import shutil
from pathlib import Path

import pytest

from services.catalog import people as catalog
from services.chassis.erasure_list import list_file
from services.notify import erasure as notify
from services.registration import erasure as registration
from tests.people.site import LATER, Site, where_is
from tests.people.test_erasing import EMAIL, MARKS, a_full_life, erase, sign_up_marker
from tests.registration.factories import a_session

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def files(site: Site) -> list[tuple[Path, Path]]:
    found = [Path(each.database.engine.url.database) for each in site.runtimes().values()]
    return [(each, each.with_suffix(".backup")) for each in found]


def back_up(site: Site) -> None:
    for runtime, (_live, copy) in zip(site.runtimes().values(), files(site), strict=True):
        with runtime.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))


def restore(site: Site, *names: str) -> None:
    for (name, runtime), (live, copy) in zip(site.runtimes().items(), files(site), strict=True):
        if name in names:
            runtime.database.dispose()
            for each in (live.with_name(f"{live.name}-wal"), live.with_name(f"{live.name}-shm")):
                each.unlink(missing_ok=True)
            shutil.copyfile(copy, live)


def erase_again(site: Site) -> int:
    return (
        registration.erase_again(site.registration, LATER)
        + notify.erase_again(site.notify)
        + catalog.erase_again(site.catalog)
    )


@pytest.mark.parametrize(
    "names", [("registration", "notify", "catalog"), ("notify",), ("catalog",)]
)
def test_whoever_is_on_the_list_is_erased_anew(site: Site, names: tuple[str, ...]) -> None:
    a_full_life(site)
    back_up(site)
    erase(site)
    site.settle(LATER)
    restore(site, *names)
    assert any(where_is(site, EMAIL).values())
    assert erase_again(site)
    site.settle(LATER)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}
    assert erase_again(site) == 0


def test_whoever_came_back_is_left_alone(site: Site) -> None:
    sign_up_marker(site, a_session(site.registration))
    site.settle(LATER)
    erase(site)
    site.settle(LATER)
    later = LATER.replace(day=LATER.day + 1)
    sign_up_marker(site, a_session(site.registration), now=later)
    site.settle(later)
    assert erase_again(site) == 0
    assert site.places()[-1].person.email == EMAIL


def test_the_list_names_nobody(site: Site) -> None:
    a_full_life(site)
    erase(site)
    site.settle(LATER)
    path = list_file(site.registration.settings.data)
    text = path.read_text(encoding="ascii")
    assert not any(mark.casefold() in text.casefold() for mark in MARKS)
    assert path.stat().st_mode & 0o777 == 0o600
