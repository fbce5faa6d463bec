"""A run as pictures: prices by pincode and hour, utilisation, waits, and policies beside each other."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np

from engine.simulate.measures import WAIT_EDGES, Measures
from engine.simulate.report import Results

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "doorstep", "axes.spines.top": False, "axes.spines.right": False})

from matplotlib import pyplot  # noqa: E402 - after the backend is chosen

MOST_PINCODES = 40
COLOURS = ("#1b6e53", "#c05746", "#3d6fa5", "#b8860b", "#7a5195", "#555555")


def draw(folder: Path, results: Results, runs: Mapping[str, Measures]) -> None:
    """Write SVGs."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, measures in runs.items():
        _prices(folder / f"prices-{_plain(name)}.svg", name, measures)
    _utilisation(folder / "utilisation.svg", runs)
    _waits(folder / "waits.svg", runs)
    _comparison(folder / "policies.svg", results)


def _save(path: Path) -> None:
    pyplot.savefig(path, metadata={"Date": None})
    pyplot.close()


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in Path(name).stem)


def _prices(path: Path, name: str, measures: Measures) -> None:
    surges = np.ones((1, 24)) if measures.surges is None else measures.surges / measures.days
    dearest = np.argsort(-np.nanmax(np.nan_to_num(surges), axis=1), kind="stable")[:MOST_PINCODES]
    shown = np.ma.masked_invalid(surges[dearest])
    figure, axes = pyplot.subplots(figsize=(8, 0.12 * len(shown) + 1.8), layout="constrained")
    low, high = min(1.0, shown.min()), max(1.2, shown.max())
    image = axes.imshow(shown, aspect="auto", cmap="YlOrRd", vmin=low, vmax=high)
    axes.set_facecolor("#e4e4e4")
    axes.set_xticks(range(0, 24, 2), [f"{hour:02}" for hour in range(0, 24, 2)])
    axes.set_yticks(range(len(shown)), [str(pincode) for pincode in dearest], fontsize=6)
    axes.set_xlabel("hour of the day")
    axes.set_ylabel(f"number of the pincode, the {len(shown)} dearest")
    axes.set_title(f"{name}: mean price multiplier (grey: nobody works)", loc="left")
    figure.colorbar(image, label="x base price")
    _save(path)


def _utilisation(path: Path, runs: Mapping[str, Measures]) -> None:
    _, axes = pyplot.subplots(figsize=(8, 3.2), layout="constrained")
    for colour, (name, measures) in zip(COLOURS, runs.items(), strict=False):
        at_work = np.maximum(measures.duty_hours, 1e-9)
        share = np.where(measures.duty_hours > 0, measures.busy_hours / at_work, np.nan)
        axes.plot(range(24), 100 * share, marker="o", markersize=3, color=colour, label=name)
    axes.set(xlabel="hour of the day", ylabel="% of vendors at work", xticks=range(0, 24, 2), ylim=(0, None))
    axes.set_title("Vendors with a visit", loc="left")
    axes.legend(frameon=False)
    _save(path)


def _waits(path: Path, runs: Mapping[str, Measures]) -> None:
    _, axes = pyplot.subplots(figsize=(8, 3.2), layout="constrained")
    for colour, (name, measures) in zip(COLOURS, runs.items(), strict=False):
        total = max(1, int(measures.waits.sum()))
        axes.step(WAIT_EDGES, 100 * np.cumsum(measures.waits) / total, where="post", color=colour, label=name)
    axes.set(
        xlabel="minutes later than wished, at most", ylabel="% of served wishes", xlim=(0, 180), ylim=(0, 101)
    )
    axes.set_title("Waiting", loc="left")
    axes.legend(frameon=False, loc="lower right")
    _save(path)


def _comparison(path: Path, results: Results) -> None:
    shown = (
        ("revenue_minor", "revenue, thousands", 100_000),
        ("served_share", "served, share", 1),
        ("mean_wait_minutes", "mean wait, minutes", 1),
        ("utilisation", "utilisation", 1),
        ("cancelled_share", "cancelled, share", 1),
        ("price_gini", "price Gini", 1),
    )
    figure, panels = pyplot.subplots(2, 3, figsize=(9, 4.6), layout="constrained")
    names = list(results)
    colours = [COLOURS[index % len(COLOURS)] for index in range(len(names))]
    for axes, (key, title, unit) in zip(panels.flat, shown, strict=True):
        means = [results[name][key]["mean"] / unit for name in names]
        below = [mean - results[name][key]["low"] / unit for mean, name in zip(means, names, strict=True)]
        above = [results[name][key]["high"] / unit - mean for mean, name in zip(means, names, strict=True)]
        axes.bar(names, means, color=colours, yerr=(np.maximum(below, 0), np.maximum(above, 0)), capsize=4)
        axes.set_title(title, loc="left", fontsize=10)
        axes.tick_params(axis="x", labelrotation=20)
    figure.suptitle("Policies on the same customers; bars span the seeds", x=0.01, ha="left")
    _save(path)
