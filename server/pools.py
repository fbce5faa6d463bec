"""Where long computations run: threads for kernels that release the lock, a process for solvers that hold it.

PyVRP's search is such a solver: in a thread it would freeze the event loop as long as it lasts. How long the
loop stalls beside each is measured (`benchmarks/test_stalls.py`).
"""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from server.embedded.child import die_with

P = ParamSpec("P")
T = TypeVar("T")


class Pools:
    """One thread pool and, once it is needed, one process pool; its processes start as they are needed."""

    def __init__(self, threads: int = 2, processes: int = os.cpu_count() or 1) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="kernel")
        self._process_count = processes
        self._processes: ProcessPoolExecutor | None = None

    async def thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a kernel beside the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))

    async def process(self, work: Callable[..., T], *args: object) -> T:
        """Run a picklable function of picklable arguments in another process."""
        if self._processes is None:
            # Spawned, not forked: a fork would copy sockets and locks of a running event loop.
            context = multiprocessing.get_context("spawn")
            # A worker waits for work on a pipe that it holds itself: it would outlive us for ever.
            self._processes = ProcessPoolExecutor(
                self._process_count, context, initializer=die_with, initargs=(os.getpid(),)
            )
        return await asyncio.get_running_loop().run_in_executor(self._processes, work, *args)

    def close(self) -> None:
        """Stop both pools; work that has not begun is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._processes is not None:
            self._processes.shutdown(wait=False, cancel_futures=True)
