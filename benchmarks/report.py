"""What a run measured: a table for the terminal, a dated section of results.md, plots."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import matplotlib as mpl

from benchmarks.race import Result

HERE = Path(__file__).parent
HEAD = ("", "median", "to ours", "must be", "")


def table(results: Sequence[Result]) -> str:
    """Give Markdown: a table a group, ours first."""
    parts = []
    for group, members in groupby(results, key=lambda result: result.group):
        rows = [HEAD, *(_row(result) for result in members)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        parts.append(f"**{group}**\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def keep(results: Sequence[Result], path: Path = HERE / "results.md") -> None:
    """Put this run on top of the results, below the title."""
    title, _, older = path.read_text().partition("\n## ") if path.exists() else ("# Results\n", "", "")
    section = f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_commit()}, {_machine()}\n\n{table(results)}\n"
    path.write_text(title.rstrip() + "\n" + section + (f"\n## {older}" if older else ""))


def draw(results: Sequence[Result], folder: Path = HERE / "plots") -> None:
    """Write one SVG a group: how many times our time each contender took."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "doorstep"
    from matplotlib import pyplot

    folder.mkdir(exist_ok=True)
    for group, members in groupby(results, key=lambda result: result.group):
        drawn = [(result, result.times_ours) for result in members if result.times_ours is not None]
        if len(drawn) < 2:
            continue
        figure, axes = pyplot.subplots(figsize=(7, 0.5 + 0.4 * len(drawn)), layout="constrained")
        names = [result.name for result, _ in drawn]
        bars = axes.barh(names, [times for _, times in drawn], color="#9bb4c7")
        bars[0].set_color("#1b6e53")
        labels = [f"{times:.3g}x   {result.value}" for result, times in drawn]
        axes.bar_label(bars, labels, padding=4)
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_xlim(right=max(times for _, times in drawn) * 6)
        axes.set_title(group, loc="left", fontsize=10)
        axes.set_xlabel("times our median (logarithmic)")
        axes.spines[["top", "right"]].set_visible(False)
        name = "".join(letter if letter.isalnum() else "-" for letter in group.lower())
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        pyplot.close(figure)


def _row(result: Result) -> tuple[str, ...]:
    times = "" if result.times_ours is None else f"{result.times_ours:.3g}x"
    return result.name, result.value, times, result.must, result.verdict


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True
    )
    return said.stdout.strip() or "no commit"


def _machine() -> str:
    named = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = named[0].partition(": ")[2] if named else platform.processor()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"
