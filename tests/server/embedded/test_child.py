"""One supervised child, with small programs in place of the servers."""

import sys
from asyncio import create_subprocess_exec
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.embedded import EmbeddedError
from server.embedded.child import Child
from tests.server.embedded.conftest import Watched, watched

IDLE = (sys.executable, "-c", "import time; time.sleep(3600)")
DEAF = (
    sys.executable,
    "-c",
    "import pathlib, signal, sys, time; heard = []\n"
    "signal.signal(signal.SIGTERM, lambda *_: heard.append(1)); pathlib.Path(sys.argv[1]).touch()\n"
    "while len(heard) < 2: time.sleep(0.01)",
)
"""Ends at the second SIGTERM only; makes a file when it listens to signals."""


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


@pytest.fixture
def ready(folder: Path) -> Path:
    """A data folder that exists."""
    folder.mkdir()
    return folder


async def test_a_child_that_ends_at_its_start_is_one_line(ready: Path) -> None:
    """The operator is told which child it was and where its words are."""
    child = Child("broken", [sys.executable, "-c", "print('why')"], ready, no)
    with pytest.raises(EmbeddedError, match=r"^broken ended at its start; see .*broken\.log\Z"):
        await child.start()
    assert (ready / "logs" / "broken.log").read_text() == "why\n"


async def test_a_signal_that_was_not_heard_is_sent_again(ready: Path) -> None:
    """A child that goes on answering after it was asked to end is asked again."""
    listens = ready / "listens"

    async def answers() -> bool:
        return listens.exists()

    child = Child("deaf", [*DEAF, str(listens)], ready, answers)
    await child.start()
    with watched(ready, "deaf") as process:
        await child.stop()
        assert not process.is_running()


async def test_an_orphan_with_our_files_is_ended(ready: Path) -> None:
    """A start first ends what an earlier process left running on the same folder."""
    orphan = await create_subprocess_exec(*IDLE, str(ready), start_new_session=True)
    (ready / "idle.pid").write_text(f"{orphan.pid}\n{IDLE[0]}")
    child = Child("idle", IDLE, ready, yes)
    await child.start()
    await child.stop()
    assert await orphan.wait() == -9


async def test_a_stranger_with_the_orphans_number_is_left_alone(ready: Path) -> None:
    """A process that does not run our program on our files is not ours, whatever the file says."""
    stranger = await create_subprocess_exec(*IDLE, start_new_session=True)
    watch = Watched(stranger.pid)
    (ready / "idle.pid").write_text(f"{stranger.pid}\n{IDLE[0]}")
    child = Child("idle", IDLE, ready, yes)
    try:
        await child.start()
        await child.stop()
        assert watch.is_running()
    finally:
        watch.kill()
        watch.close()
        await stranger.wait()


@pytest.mark.parametrize("left", ["", "no number\nprogram", "999999999\nprogram", "1"])
async def test_a_damaged_process_id_file_does_not_matter(ready: Path, left: str) -> None:
    """What a crash left in the file never keeps a child from starting."""
    (ready / "idle.pid").write_text(left)
    child = Child("idle", IDLE, ready, yes)
    await child.start()
    await child.stop()


def test_only_the_main_thread_starts_children(ready: Path) -> None:
    """A child started by another thread would die with that thread, so it is refused."""
    start = Child("idle", IDLE, ready, yes).start()
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="main"):
        pool.submit(start.send, None).result()
