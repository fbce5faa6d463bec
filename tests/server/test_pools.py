"""The processes beside the event loop, and what becomes of them."""

import os
import select
import subprocess
import sys

GONE_SECONDS = 10
PROGRAM = """
import asyncio, os
from server.pools import Pools

async def main():
    print(await Pools().process(os.getpid), flush=True)
    await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_killed_process_leaves_no_worker_behind() -> None:
    """Its workers end with it, also when it has no time to say goodbye."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        readable, _, _ = select.select([worker], [], [], GONE_SECONDS)
        os.close(worker)
    assert readable, "the worker is still there"
