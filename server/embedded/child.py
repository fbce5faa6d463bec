"""A child process that ends when we end, however we end.

The kernel kills it when the thread that started it dies (PR_SET_PDEATHSIG), `kill -9` of the process
included; that thread must be the main one, which lives as long as we do. What it had acknowledged is on disk.
It leads a session of its own, so that the terminal's Ctrl-C reaches us alone and we stop it last.
"""

import asyncio
import ctypes
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02
UNHEARD_ANSWERS = 10
"""A server that has been asked to end and answers that often in a row did not hear it."""
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class EmbeddedError(Exception):
    """An embedded service cannot run; the message is one line for the operator."""


class Child:
    """One server that logs into `folder`/logs and leaves its process id in `folder`."""

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, answers: Callable[[], Awaitable[bool]]
    ) -> None:
        """answers : says whether the server can be used by now; never raises."""
        self.name = name
        self._command, self._folder, self._answers = command, folder, answers
        self._log = folder / "logs" / f"{name}.log"
        self._pid_file = folder / f"{name}.pid"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it answers.

        raises : EmbeddedError when it ends or does not answer in time
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a child would end with the thread that starts it: start it from the main one")
        await self._end_orphan()
        self._log.parent.mkdir(exist_ok=True)
        parent = os.getpid()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: die_with(parent),
            )
        self._pid_file.write_text(f"{self._process.pid}\n{self._command[0]}")
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._answers():
                    if self._process.returncode is not None:
                        raise EmbeddedError(f"{self.name} ended at its start; see {self._log}")
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError as late:
            raise EmbeddedError(f"{self.name} does not answer; see {self._log}") from late

    async def ended(self) -> EmbeddedError:
        """Wait until the child ends by itself, and say so."""
        assert self._process is not None
        status = await self._process.wait()
        return EmbeddedError(f"{self.name} ended with status {status}; see {self._log}")

    async def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self._process is not None and self._process.returncode is None:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._ask_to_end(self._process)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    async def _ask_to_end(self, process: asyncio.subprocess.Process) -> None:
        """Send SIGTERM until it has ended.

        SecantusDB needs a connection to see at once that it shall end; without one it takes 2 s. One that
        comes together with the signal may wake the wrong thread, and then the signal has no effect.
        """
        process.terminate()
        answers = 0
        while process.returncode is None:
            await asyncio.sleep(POLL_SECONDS)
            answers = answers + 1 if await self._answers() else 0
            if answers == UNHEARD_ANSWERS:
                answers = 0
                process.terminate()

    async def _end_orphan(self) -> None:
        """End the child of an earlier process that is still on its way down with our files.

        It is signalled by a handle taken before it was recognised, so never a stranger who got its number.
        """
        with suppress(OSError, ValueError):  # no file, a damaged one, or no such process any more
            pid, program = self._pid_file.read_text().split("\n")
            handle = os.pidfd_open(int(pid))
            try:
                if self._is_ours(int(pid), program):
                    await _end(handle)
            finally:
                os.close(handle)

    def _is_ours(self, pid: int, program: str) -> bool:
        """Say whether a process runs our program on our files."""
        running = Path(f"/proc/{pid}/cmdline").read_bytes()
        return program.encode() in running and str(self._folder).encode() in running


async def _end(handle: int) -> None:
    """End a process that is no child of ours, so that only its handle tells when it is gone."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, gone.set)
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        await gone.wait()
    finally:
        loop.remove_reader(handle)


def die_with(parent: int) -> None:
    """Runs in the child: tie it to the thread that started it; the parent may have died already."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
