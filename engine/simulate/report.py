"""A run's figures as a table and as files."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.simulate.measures import Measures

ROWS = (
    ("wishes", "{:,.0f}", 1),
    ("served_share", "{:.1%}", 1),
    ("lost_to_price", "{:,.0f}", 1),
    ("lost_without_vendor", "{:,.0f}", 1),
    ("cancelled_share", "{:.1%}", 1),
    ("revenue_minor", "{:,.0f}", 100),
    ("platform_fee_minor", "{:,.0f}", 100),
    ("mean_price_minor", "{:,.2f}", 100),
    ("mean_wait_minutes", "{:.1f}", 1),
    ("wait_p90_minutes", "{:.0f}", 1),
    ("utilisation", "{:.1%}", 1),
    ("travel_share", "{:.1%}", 1),
    ("price_gini", "{:.4f}", 1),
    ("paying_over_1_3", "{:.1%}", 1),
)
"""Figure, how it is written, and by what it is divided: money is shown in major units."""

Results = Mapping[str, dict[str, dict[str, float]]]
"""By policy and figure: mean, low and high over the seeds."""


def table(results: Results, seeds: int) -> str:
    """Give a row a figure, a column a policy; with several seeds the range beside the mean."""
    names = list(results)
    lines = [["", *names]]
    for figure, form, unit in ROWS:
        cells = []
        for name in names:
            found = results[name][figure]
            mean, low, high = (form.format(found[key] / unit) for key in ("mean", "low", "high"))
            cells.append(mean if seeds == 1 else f"{mean} ({low} to {high})")
        lines.append([figure.removesuffix("_minor"), *cells])
    widths = [max(len(line[column]) for line in lines) for column in range(len(names) + 1)]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            ]
        )
        for line in lines
    )


def write(folder: Path, options: Mapping[str, Any], results: Results, runs: Mapping[str, Measures]) -> None:
    """Write results.json and prices.csv, the mean multiplier by policy, pincode and hour."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"options": dict(options), "policies": results}
    (folder / "results.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    with (folder / "prices.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["policy", "pincode", *(f"hour_{hour:02}" for hour in range(24))])
        for name, measures in runs.items():
            surges = np.zeros((0, 24)) if measures.surges is None else measures.surges / measures.days
            for pincode, hours in enumerate(surges):
                rows.writerow(
                    [name, pincode, *("" if np.isnan(value) else f"{value:.4f}" for value in hours)]
                )
