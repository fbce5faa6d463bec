"""The smoke test passes against a server with demo data, as often as it is run, and notices what is wrong."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from tests.process import run, running
from walkthrough.smoke.alist import uncalled
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.schema import faults_of
from walkthrough.smoke.shapes import DATE, MONEY, Maybe, differences

ERROR = {"error": str, "status_code": int}


def test_all_is_as_documented_twice(tmp_path: Path) -> None:
    """Against a fresh server with demo data both marketplaces pass, and A-List passes again afterwards."""
    with running(tmp_path, DEMO="1") as server:
        url = f"http://127.0.0.1:{server.port}"
        first = run(tmp_path, ["smoke", "--url", url])
        again = run(tmp_path, ["smoke", "alist", "--url", url])
    assert first.returncode == 0, first.stdout[-4000:] + first.stderr
    assert first.stdout.count("all as documented.") == 2
    assert "POST /api/scheduling/appointments/" in first.stdout
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr
    assert "homeserve" not in again.stdout


def test_without_demo_data_it_says_what_differs(tmp_path: Path) -> None:
    """A server whose answers differ is told of call by call, with status 1."""
    with running(tmp_path) as server:
        told = run(tmp_path, ["smoke", "alist", "--url", f"http://127.0.0.1:{server.port}"])
    assert told.returncode == 1, told.stderr
    assert "POST /api/users/token/ as client: status 401, expected 200" in told.stdout
    assert "Traceback" not in told.stderr


def test_without_a_server_it_fails(tmp_path: Path) -> None:
    """Where nothing listens it says so, with status 2 and without a traceback."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, never listening: nobody else gets the port
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        told = run(tmp_path, ["smoke", "--url", url])
    assert (told.returncode, told.stderr) == (2, "")
    assert f"No answer from {url}" in told.stdout


class Liar(RequestHandler):
    """Answers with the status of the path, and the fields that its query names."""

    def get(self, status: str) -> None:
        self.set_status(int(status))
        self.write(dict.fromkeys(self.request.query_arguments, 1))


@pytest_asyncio.fixture
async def checks() -> AsyncIterator[Checks]:
    """Checks against a server that answers anything."""
    server = HTTPServer(Application([(r"/(\d+)", Liar)]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    yield Checks(f"http://127.0.0.1:{sockets[0].getsockname()[1]}", ERROR)
    server.stop()
    await server.close_all_connections()


async def test_a_wrong_answer_is_a_fault(checks: Checks) -> None:
    """Another status, an error of another form or without the field, and a missing field are named."""
    client = checks.client("client")
    await checks.expect(client, "GET", "/200?id=1", shape={"id": int})
    assert checks.faults() == []
    await checks.expect(client, "GET", "/500?error=x&status_code=1", 200)
    await checks.expect(client, "GET", "/200", shape={"id": int})
    await checks.expect(client, "GET", "/400?status_code=1", 400, field="rating")
    checks.check("client", "ratings agree", False)
    told = "\n".join(checks.faults())
    assert "GET /500?error=x&status_code=1 as client: status 500, expected 200" in told
    assert "GET /200 as client: body has no id" in told
    assert "body has no error" in told and "the error does not name rating" in told
    assert "ratings agree as client: is not so" in told
    assert [row.split()[-1] for row in checks.report().splitlines()[2:]] == ["ok", "no", "no", "no", "no"]


@pytest.mark.parametrize(
    ("shape", "right", "wrong"),
    [
        (int, 3, True),
        (float, 4, "4"),
        (str, "", None),
        (MONEY, "150.00", "150.0"),
        (Maybe(DATE), None, "2024-1-5"),
        ({"id": int}, {"id": 1, "more": 2}, {"more": 2}),
        ([{"id": int}], [], [{"id": 1}, {}]),
        ({"status": "open"}, {"status": "open"}, {"status": "closed"}),
    ],
)
def test_shapes(shape: Any, right: Any, wrong: Any) -> None:
    """A shape takes what it means and nothing else."""
    assert list(differences(shape, right)) == []
    assert len(list(differences(shape, wrong))) == 1


def test_schemas() -> None:
    """A described form is followed through references, choices, lists and objects."""
    parts = {"User": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}}
    user = {"$ref": "#/components/schemas/User"}
    schema = {
        "type": "object",
        "required": ["results"],
        "properties": {
            "results": {"type": "array", "items": user},
            "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "state": {"enum": ["open"]},
        },
    }
    assert list(faults_of(schema, {"results": [{"id": 1}], "next": None, "state": "open"}, parts)) == []
    wrong = {"results": [{"id": "1"}, {}], "next": 1, "state": "shut"}
    assert len(list(faults_of(schema, wrong, parts))) == 4


def test_what_nobody_called_is_named() -> None:
    """An operation counts as called when its path, with whatever id, was."""
    described = {"paths": {"/a/{id}/": {"get": {}, "delete": {}}, "/b/": {"post": {}}}}
    called = {("GET", "/a/17/")}
    assert uncalled(described, called) == ["DELETE /a/{id}/", "POST /b/"]
    assert uncalled(described, called, "GET") == []
