"""Runs the smoke test of one marketplace or of all, and prints how every call went."""

import time
from collections.abc import Awaitable, Callable, Mapping

from walkthrough.smoke import alist, homeserve
from walkthrough.smoke.checking import Checks

SMOKES: Mapping[str, Callable[[str], Awaitable[Checks]]] = {
    "alist": alist.smoke,
    "homeserve": homeserve.smoke,
}


async def run(base_url: str, name: str | None) -> int:
    """Call what is documented and give the exit status: 0 as documented, 1 something differs, 2 no answer."""
    status = 0
    for one in [name] if name else SMOKES:
        started = time.perf_counter()
        try:
            checks = await SMOKES[one](base_url)
        except (OSError, TimeoutError) as away:
            print(f"\nNo answer from {base_url}: {away or type(away).__name__}", flush=True)
            return 2
        seconds = time.perf_counter() - started
        faults = checks.faults()
        print(f"\n{one}\n{checks.report()}\n")
        if faults:
            status = 1
            print(f"{one}: {len(faults)} of {len(checks.outcomes)} checks differ from what is documented:")
            print("\n".join(f"    {fault}" for fault in faults), flush=True)
        else:
            print(f"{one}: {len(checks.outcomes)} checks in {seconds:.1f} s, all as documented.", flush=True)
    return status
