"""Autobahn's fuzzing client against our sockets: some 250 cases of RFC 6455, right and wrong.

It needs CPython 2.7; `make autobahn` installs it where there is one.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from handlers import framing
from handlers.application import build, listening
from handlers.sockets import Socket, socket_application
from handlers.upgrading import Upgrades
from server.bootstrap import open_markets, shared_parts
from server.embedded import Endpoints
from server.settings import Settings
from tests.faces.tiny import TINY, TINY_FACE

FUZZER = Path(os.environ.get("AUTOBAHN", Path(sys.prefix) / "autobahn")) / "bin" / "wstest"
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
"""Group 9 echoes 16 MiB."""
GROUPS = ("1", "2", "3", "4", "5", "6", "7", "9", "10")
"""Group 8 is empty; 12 and 13 are compression, which is off."""
PASSED = {"OK", "NON-STRICT", "INFORMATIONAL"}


class Echo(Socket):
    """Our socket without admission and JSON: it says again what it hears."""

    async def _admit(self) -> None:
        return

    async def on_message(self, message: str | bytes) -> None:
        await self.write_message(message, binary=isinstance(message, bytes))


@pytest_asyncio.fixture
async def port(
    settings: Settings, services: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[int]:
    """An echo behind the whole front, which takes the 65,536 pieces of a message of group 9 at once."""
    monkeypatch.setattr(framing, "FRAMES_PER_SECOND", 10**6)
    fresh = settings.model_copy(update={"default_marketplace": TINY.name})
    async with (
        shared_parts(fresh, services) as shared,
        open_markets(shared, [TINY]) as markets,
    ):
        front = build([TINY_FACE], markets, fresh, services.embedded)
        echo = socket_application(lambda host, path: None, Echo)
        echo.settings["websocket_max_message_size"] = MAX_MESSAGE_BYTES
        front.upgrades = Upgrades(echo)
        async with listening(front, "127.0.0.1", 0) as listens:
            yield listens


@pytest.mark.skipif(not FUZZER.exists(), reason="no Autobahn: make autobahn installs it beside a CPython 2.7")
async def test_the_fuzzer_finds_no_fault(port: int, tmp_path: Path) -> None:
    """Every case of the groups passes, and every connection ends as the protocol says."""
    specification = {
        "outdir": str(tmp_path / "reports"),
        "servers": [{"agent": "Doorstep", "url": f"ws://127.0.0.1:{port}/"}],
        "cases": [f"{group}.*" for group in GROUPS],
    }
    (tmp_path / "fuzzing.json").write_text(json.dumps(specification))
    command = [str(FUZZER), "-m", "fuzzingclient", "-s", "fuzzing.json"]
    fuzzing = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdout=DEVNULL, stderr=DEVNULL)
    try:
        assert await asyncio.wait_for(fuzzing.wait(), 300) == 0
    finally:
        if fuzzing.returncode is None:
            fuzzing.kill()
    cases = json.loads((tmp_path / "reports" / "index.json").read_text())["Doorstep"]
    failed = {
        name: (case["behavior"], case["behaviorClose"])
        for name, case in cases.items()
        if case["behavior"] not in PASSED or case["behaviorClose"] not in PASSED
    }
    assert len(cases) > 240
    assert not failed
