"""`python -m server create_fake_data`, as an operator calls it."""

from pathlib import Path

from tests.process import run, running

CREATE = "create_fake_data"


def test_it_fills_once_and_says_so(tmp_path: Path) -> None:
    """It names what it made and who can sign in, and the second time that nothing was to be done.

    While a server holds the data folder, it says so in one line; that server serves what was made.
    """
    made = run(tmp_path, [CREATE, "alist"])
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("alist was empty; made 8 services, 71 users, ")
    assert "contractor1@example.com" in made.stdout and "homeserve" not in made.stdout
    again = run(tmp_path, [CREATE, "alist"])
    assert (again.returncode, again.stdout.splitlines()[0]) == (
        0,
        "alist was filled before: nothing was written.",
    )
    with running(tmp_path) as server:
        held = run(tmp_path, [CREATE])
        assert (held.returncode, held.stdout) == (1, "")
        assert held.stderr.startswith("another instance uses ") and held.stderr.count("\n") == 1
        credentials = {"email": "client1@example.com", "password": "password123"}
        status, body = server.call("POST", "/alist/api/users/token/", credentials)
        assert status == 200 and body["user"]["role"] == "client"
        token = body["access"]
        status, body = server.call("GET", "/alist/api/scheduling/appointments/", token=token)
        assert status == 200 and body["count"] > 10


def test_production_takes_none(tmp_path: Path) -> None:
    """In production it is refused, whatever else is set, and nothing is started."""
    secrets = {"SECRET_KEY": "s" * 50, "STRIPE_SECRET_KEY": "sk_live_1"}
    refused = run(tmp_path, [CREATE], ENVIRONMENT="production", **secrets)
    assert (refused.returncode, refused.stderr) == (1, "DEMO: refused in production\n")
    assert not (tmp_path / "data" / "db").exists()


def test_a_database_in_use_is_refused(tmp_path: Path) -> None:
    """Where an administrator was made already, nothing is added, and the status says so."""
    with running(tmp_path, ADMIN_EMAIL="boss@example.com", ADMIN_PASSWORD="very-secret"):
        pass
    refused = run(tmp_path, [CREATE, "alist"])
    assert refused.returncode == 1
    assert refused.stdout == "alist has data of its own: nothing was written.\n"
