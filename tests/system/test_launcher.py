"""`turnout run` starts a whole site with one command, keeps it running, and stops all of it."""

import os
import signal
import stat
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import psutil
import pytest

from infra.first_accounts import accounts_file, read_accounts
from services.contracts import SERVICES
from tests.system.launcher import (
    a_free_port,
    end,
    environment,
    eventually,
    launch,
    processes_of,
    turnout,
)


@contextmanager
def launched(data, *arguments, port=None):
    site = launch(data, *arguments, port=port)
    try:
        yield site
    finally:
        end(site)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with the demonstration, for tests that leave it running."""
    with launched(tmp_path_factory.mktemp("site")) as site:
        yield site


def page(site, path):
    with closing(HTTPConnection("127.0.0.1", site.port)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_it_says_where_the_site_and_the_mailbox_are_and_who_can_sign_in(site):
    (admin, *_) = read_accounts(site.data)
    assert f"{site.url}/" in site.output
    assert f"{site.url}/mailbox" in site.output
    assert f"{admin.email}  password {admin.password}" in site.output


def test_all_three_services_get_on_when_it_says_that_it_is_up(site):
    assert "Not well yet" not in site.output
    for service in SERVICES:
        assert page(site, f"/readyz/{service}")[0] == 200


def test_an_empty_data_folder_gets_the_demonstration_and_is_told_how_to_do_without(site):
    assert "turnout run --no-demo" in site.output
    assert "/sessions/" in page(site, "/")[1]


def test_only_their_owner_may_read_passwords_and_the_key(site):
    for path in (accounts_file(site.data), site.data / "secret_key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_passwords_are_in_no_log_and_no_command(site):
    logs = "".join(path.read_text() for path in (site.data / "log").iterdir())
    commands = " ".join(" ".join(each.cmdline()) for each in processes_of(site.data))
    for account in read_accounts(site.data):
        assert account.password not in logs + commands


def test_a_second_one_with_the_same_data_folder_is_refused_in_one_line(site):
    done = turnout("run", env=environment(site.data, a_free_port()))
    assert done.returncode == 1
    assert done.stdout + done.stderr == (
        f"turnout: already running with the data folder {site.data} (process {site.process.pid}). "
        "Stop it first, or give this one another TURNOUT_DATA and TURNOUT_PORT.\n"
    )


def test_a_port_that_is_taken_is_named_in_one_line(site, tmp_path):
    done = turnout("run", env=environment(tmp_path / "other", site.port))
    assert done.returncode == 1
    assert done.stdout + done.stderr == (
        f"turnout: TURNOUT_PORT: cannot listen on port {site.port} of 127.0.0.1: "
        "Address already in use. Set TURNOUT_PORT to another port.\n"
    )


def test_the_doctor_finds_all_well(site):
    done = turnout("doctor", env=environment(site.data, site.port))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("All is well.\n")


@pytest.mark.parametrize("words", [("worker",), ("clock",), ("web", "all"), ("valkey-server",)])
def test_a_process_that_dies_is_started_anew(site, words):
    def living():
        return [each for each in processes_of(site.data) if matches(each, words)]

    before = {each.pid for each in living()}
    assert before
    for each in living():
        each.kill()
    eventually(lambda: bool(living()) and not before & {each.pid for each in living()})
    eventually(lambda: answers(site), within=30)


def test_one_of_the_two_web_processes_that_dies_is_forked_anew_and_the_other_goes_on(site):
    (master,) = [each for each in web_processes(site) if each.ppid() == site.process.pid]
    first, other = master.children()
    first.kill()
    assert answers(site)
    eventually(lambda: len(master.children()) == 2 and first not in master.children())
    assert other in master.children()
    eventually(lambda: cores_of(master) == cores_where_they_may_run())


def cores_of(master):
    return sorted(each.cpu_affinity() for each in master.children())


def cores_where_they_may_run():
    """On two cores each has its own; the one that was forked anew that of the one that died."""
    cores = sorted(os.sched_getaffinity(0))
    return [[each] for each in cores] if len(cores) == 2 else [cores, cores]


def web_processes(site):
    return [each for each in processes_of(site.data) if matches(each, ("web", "all"))]


def test_the_whole_site_fits_into_a_small_machine(site):
    """Without what its processes share it would be twice as much."""
    memory = sum(each.memory_full_info().pss for each in processes_of(site.data))
    assert memory < 350e6, f"{memory / 1e6:.0f} MB"


def matches(process, words):
    try:
        command = process.cmdline()
    except psutil.NoSuchProcess:
        return False
    return command[-len(words) :] == [*words] or words[0] in (command or [""])[0]


def answers(site):
    try:
        return all(page(site, f"/readyz/{service}")[0] == 200 for service in SERVICES)
    except OSError:
        return False


def test_ctrl_c_leaves_no_process_and_the_next_start_finds_the_data(tmp_path):
    with launched(tmp_path, "--no-demo") as first:
        accounts = read_accounts(tmp_path)
        eventually(lambda: len(processes_of(tmp_path)) == 7)
        assert first.stop(signal.SIGINT) == 0
        assert processes_of(tmp_path) == []
        assert "Your data are kept" in first.output
    with launched(tmp_path, "--no-demo", port=first.port) as second:
        assert read_accounts(tmp_path) == accounts
        assert accounts[0].email in second.output
        assert accounts[0].password not in second.output
        assert second.stop(signal.SIGTERM) == 0
        assert processes_of(tmp_path) == []


def test_a_launcher_that_is_killed_takes_everything_with_it(tmp_path):
    with launched(tmp_path, "--no-demo") as site:
        site.process.kill()
        eventually(lambda: processes_of(tmp_path) == [], within=30)
