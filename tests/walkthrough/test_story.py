"""The walkthrough is a check of its own: it passes against a server and fails without one."""

import socket
from pathlib import Path

from tests.process import run, running


def test_the_day_goes_as_documented(tmp_path: Path) -> None:
    """Against a fresh server with demo data, the day is played to its end with status 0."""
    with running(tmp_path, DEMO="1") as server:
        assert server.call("GET", "/health/")[0] == 200
        played = run(tmp_path, ["demo", "--url", f"http://127.0.0.1:{server.port}"])
    assert played.returncode == 0, played.stdout + played.stderr
    assert "Everything was as documented." in played.stdout


def test_without_demo_data_the_day_is_spoilt(tmp_path: Path) -> None:
    """A server whose answers differ from the expected ones makes the walkthrough fail with status 1."""
    with running(tmp_path) as server:
        played = run(tmp_path, ["demo", "--url", f"http://127.0.0.1:{server.port}"])
    assert played.returncode == 1
    assert "Not as documented: POST /auth/login/: 401 instead of 200" in played.stdout


def test_without_a_server_the_day_fails(tmp_path: Path) -> None:
    """Where nothing listens, the walkthrough says so and fails with status 2, without a traceback."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, never listening: nobody else gets the port
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        played = run(tmp_path, ["demo", "--url", url])
    assert played.returncode == 2
    assert f"No answer from {url}" in played.stdout
    assert played.stderr == ""
