"""Who may call what, in every marketplace: the same for each row, and always in the face's own words."""

import asyncio
from collections.abc import Iterator

import pytest

from handlers.faces import FACES
from handlers.route import METHODS, Route
from server.errors import Malformed
from tests.faces.cast import NOBODY, Cast, filled
from tests.faces.conftest import CASTS
from tests.handlers.client import Reply

MALFORMED = (b"{", b"[]", b"null", b'"x"', b"\xff", b'{"a":1', b"[" * 50_000)


@pytest.fixture
def here(kind: type[Cast], casts: dict[str, Cast]) -> Cast:
    """One of the marketplaces that stand side by side."""
    return casts[kind.face.marketplace.name]


def rows(cast: Cast) -> Iterator[Route]:
    """Give the rows that are not for everybody; last the one that ends the caller's session."""
    guarded = (row for row in cast.face.routes if row.roles)
    yield from sorted(guarded, key=lambda row: row.path == cast.sign_out)


def fault(cast: Cast, reply: Reply, status: int) -> str | None:
    """Give what is wrong with a refusal, None when it has the status and the face's form."""
    if reply.status == status and cast.is_refusal(reply):
        return None
    return f"{reply.status} {reply.json}"


def test_every_marketplace_takes_part() -> None:
    """What is served is in the suite."""
    assert [kind.face for kind in CASTS] == list(FACES)


async def test_a_stranger_is_a_401_everywhere(here: Cast) -> None:
    """Without a token, and with one that is none, no row does anything."""
    replies = {
        (row.name, token): await here.api.call(row.method, filled(row.path), token=token)
        for row in rows(here)
        for token in (None, "forged")
    }
    assert {row: why for row, reply in replies.items() if (why := fault(here, reply, 401))} == {}


async def test_a_row_refuses_the_roles_that_it_does_not_name(here: Cast) -> None:
    """Those are a 403, whatever the rest of the request; to nobody else is the row forbidden."""
    faults = {}
    for row in rows(here):
        for role in here.face.marketplace.roles:
            reply = await here.api.call(row.method, filled(row.path), token=here.people[role].token)
            if role not in row.roles and (why := fault(here, reply, 403)):
                faults[row.name, role] = why
            elif role in row.roles and reply.status in (401, 403):
                faults[row.name, role] = f"{reply.status} {reply.json}"
    assert faults == {}


async def test_a_token_of_one_marketplace_is_a_401_in_another(here: Cast, casts: dict[str, Cast]) -> None:
    """Same process, same secret, same user number: still a stranger, to every row."""
    foreign = [cast.people[role].token for cast in casts.values() if cast is not here for role in cast.people]
    faults = {}
    for row in rows(here):
        for token in foreign:
            reply = await here.api.call(row.method, filled(row.path), token=token)
            if why := fault(here, reply, 401):
                faults[row.name] = why
    assert faults == {}


async def test_a_token_of_one_marketplace_opens_no_socket_of_another(
    here: Cast, casts: dict[str, Cast]
) -> None:
    """Each closes with 4001, as for a token that is none."""
    foreign = [cast.customer.token for cast in casts.values() if cast is not here]
    codes = {}
    for socket in here.face.sockets:
        path = filled(socket.path).replace(NOBODY, str(here.customer.id))
        for token in (*foreign, "", "forged"):
            connection = await here.api.listen(path, token)
            assert await asyncio.wait_for(connection.read_message(), 10) is None
            codes[socket.path, token] = connection.close_code
    assert set(codes.values()) == {4001}, codes


async def test_what_is_not_there_is_refused_in_the_face_s_form(here: Cast) -> None:
    """An unknown path is a 404, an unknown method of a known one a 405 that names the others."""
    for method in (*sorted(METHODS), "BREW"):
        assert fault(here, await here.api.call(method, "/api/nowhere/"), 404) is None
    shapes: dict[str, set[str]] = {}
    for row in here.face.routes:
        shapes.setdefault(filled(row.path), set()).add(row.method)
    faults = {}
    for path, known in shapes.items():
        for method in (METHODS | {"BREW"}) - known:
            reply = await here.api.call(method, path, token=here.customer.token)
            if fault(here, reply, 405) or reply.headers["Allow"] != ", ".join(sorted(known)):
                faults[method, path] = f"{reply.status} {reply.json}"
    assert faults == {}


async def test_a_body_that_is_no_json_object_is_refused(here: Cast) -> None:
    """Whatever row it is sent to, and whatever else is wrong with the request; text is none either."""
    status, _ = here.face.spell(Malformed())
    faults = {}
    for row in here.face.routes:
        if row.body is None:
            continue
        account = await here.person(here.may(row)) if row.roles else None
        token = account.token if account else None
        for raw, kind in (*((raw, "application/json") for raw in MALFORMED), (b"{}", "text/plain")):
            headers = {"Content-Type": kind}
            sent = await here.api.call(row.method, filled(row.path), raw=raw, token=token, headers=headers)
            if why := fault(here, sent, status):
                faults[row.name, raw[:8], kind] = why
    assert faults == {}
