"""A face's sockets in words: OpenAPI itself has none for them, and the pages draw what it has."""

import inspect
import re
from typing import Any

from handlers.route import PLACEHOLDER, Face, SocketRoute

RECONNECTING = (
    "An event carries `seq` and `epoch`. Who reconnects with `?since=<seq>&epoch=<epoch>` of the last one is "
    "told first what came since, in order and once. "
    '`{"type": "resync", "seq": ..., "epoch": ...}`, then or at any other time, says that something may be '
    "missing: fetch afresh and go on from there. `?since=0` asks for it."
)
STATE = (
    "Where a message has `state`, beside `data`, it holds what has changed, whole, as the row of each thing "
    "shows it, in lists by kind: who fetched once and puts it in place of what they had is up to date. Rows "
    "of `<kind>_read` have only what reading has changed; `gone_<kind>` names what is not the listener's to "
    "see any more, or is no more. `?updates=1` also asks for changes that no other message tells of, above "
    "all those that the same user made elsewhere: `update`, with a timestamp."
)


def about(face: Face) -> str:
    """Give what a face says of itself and of its sockets, as Markdown."""
    lines = [face.about]
    if face.sockets:
        lines += ["", "## WebSockets", "", "Send the access token as `?token=`. Every message is JSON.", ""]
        lines += [RECONNECTING, ""]
        lines += [STATE, ""] if any(socket.state for socket in face.sockets) else []
    for socket in map(describe_socket, face.sockets):
        lines.append(f"- `{socket['path']}`: {socket['description']} Roles: {', '.join(socket['roles'])}.")
        lines += [f"    - {way}: {words}" for way, words in socket["messages"].items()]
    return "\n".join(lines)


def describe_socket(socket: SocketRoute) -> dict[str, Any]:
    """Give a socket's path, roles and messages, the latter from its coroutines' docstrings."""
    said = {
        "greets": socket.greet,
        "receives": socket.receive,
        "sends": socket.spell,
        "shows in `state`": socket.state,
    }
    return {
        "path": PLACEHOLDER.sub(r"{\1}", socket.path),
        "description": _words(socket.join),
        "roles": sorted(socket.roles),
        "token": "?token=, an Authorization header, or the subprotocol after 'bearer'",
        "messages": {way: _words(call) for way, call in said.items() if call is not None},
    }


def _words(call: Any) -> str:
    return re.sub(r"\s+", " ", inspect.getdoc(call) or "")
