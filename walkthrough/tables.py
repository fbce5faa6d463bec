"""What the walkthrough prints."""

import statistics
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from walkthrough.client import Timings

ZONE = ZoneInfo("Asia/Kolkata")


def local(moment: str) -> str:
    """Give the local clock time of a wire time."""
    return datetime.fromisoformat(moment).astimezone(ZONE).strftime("%H:%M")


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Give rows as aligned text; the first column to the left, the others to the right."""
    cells = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, len(row)))])
        for row in cells
    ]
    return "\n".join(f"    {line}" for line in [lines[0], "-" * len(lines[0]), *lines[1:]])


def route_table(stops: list[dict[str, Any]]) -> str:
    """Give a vendor's day, stop by stop."""
    rows = [
        (
            f"{order}. {stop['service_name']} ({stop['pincode']})",
            f"{stop['travel_minutes']} min",
            local(stop["arrival"]),
            local(stop["start"]),
            f"{stop['waiting_minutes']} min",
            local(stop["departure"]),
        )
        for order, stop in enumerate(stops, 1)
    ]
    return table(("stop", "travel", "arrival", "start", "waiting", "leaves"), rows)


def timing_table(timings: Timings) -> str:
    """Give calls with their count, median and longest time."""
    rows = [
        (name, len(times), f"{statistics.median(times):.1f} ms", f"{max(times):.1f} ms")
        for name, times in sorted(timings.by_name.items())
    ]
    return table(("call", "times", "median", "longest"), rows)
