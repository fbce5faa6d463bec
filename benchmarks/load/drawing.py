"""Pictures of what was measured under load."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot


@dataclass(frozen=True, slots=True)
class Bar:
    """A contender's frames a second for one event, and in bursts."""

    name: str
    single: float
    burst: float


def draw(bars: Sequence[Bar], path: Path, clients: int, burst: int) -> None:
    """Draw the fan-out of all contenders beside each other."""
    path.parent.mkdir(exist_ok=True)
    figure, axes = pyplot.subplots(figsize=(7, 0.6 + 0.6 * len(bars)), layout="constrained")
    places = range(len(bars))
    for offset, label, rates in (
        (-0.2, "one event", [bar.single for bar in bars]),
        (0.2, f"bursts of {burst}", [bar.burst for bar in bars]),
    ):
        drawn = axes.barh(
            [place + offset for place in places], [rate / 1000 for rate in rates], 0.38, label=label
        )
        axes.bar_label(drawn, fmt="%.0f", padding=3)
    axes.set_yticks(places, [bar.name for bar in bars])
    axes.invert_yaxis()
    axes.set_xlabel(f"thousand frames of 300 bytes a second, to {clients} clients")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def draw_soak(
    minutes: Sequence[float], resident_mib: Sequence[float], p99_ms: Sequence[float], path: Path
) -> None:
    """Draw a server's memory and its slowest deliveries over time."""
    path.parent.mkdir(exist_ok=True)
    figure, (memory, latency) = pyplot.subplots(2, sharex=True, figsize=(7, 4), layout="constrained")
    memory.plot(minutes, resident_mib)
    memory.set_ylabel("resident, MiB")
    memory.set_ylim(0)
    latency.plot(minutes, p99_ms)
    latency.set_ylabel("delivery p99, ms")
    latency.set_ylim(0)
    latency.set_xlabel("minutes")
    for axes in (memory, latency):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
