"""Pictures of plans and prices, as SVG: what a person would rather look at than read.

matplotlib is imported where it is used: it takes half a second, and callers draw in another process. The
same input gives the same bytes. Texts stay text, escaped, so that a picture can be searched and read aloud,
and a name in any script is drawn by the viewer's fonts.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

GREEN, GREY, RED = "#1b6e53", "#9a9a9a", "#c05746"


@dataclass(frozen=True, slots=True)
class MapStop:
    """A visit on a map: degrees, and the lines beside its point."""

    lat: float
    lng: float
    label: str
    detail: str


def route_map(title: str, base: MapStop | None, best: Sequence[MapStop], booked: Sequence[MapStop]) -> bytes:
    """Give a day's best route, numbered, from and to the base, over the booked one (dashed).

    What the numbers mean stands beside the map, where neighbours cannot cover each other. A day off
    has no base.
    """
    pyplot = _pyplot()
    height = max(6.0, 1.0 + 0.36 * len(best))
    figure, (axes, beside) = pyplot.subplots(
        1, 2, figsize=(10, height), width_ratios=(3, 1), layout="constrained"
    )
    if base is not None:
        _draw_ways(axes, base, best, booked)
        # A degree of longitude is shorter than one of latitude.
        axes.set_aspect(1 / max(0.1, float(np.cos(np.radians(base.lat)))), adjustable="datalim")
        axes.margins(0.1)
        axes.legend(loc="best", markerscale=0.7)
    axes.set(xlabel="longitude", ylabel="latitude")
    axes.ticklabel_format(useOffset=False)
    figure.suptitle(_plain(title))
    beside.set_axis_off()
    lines = [f"{number}. {_plain(one.label)}\n{_plain(one.detail)}" for number, one in enumerate(best, 1)]
    for index, line in enumerate(lines or ["no visits"]):
        beside.text(
            0, 1 - index * 0.36 / (height - 1), line, va="top", fontsize=8, transform=beside.transAxes
        )
    return _svg(figure)


def _draw_ways(axes: Any, base: MapStop, best: Sequence[MapStop], booked: Sequence[MapStop]) -> None:
    for stops, style in (
        (best, {"color": GREEN, "linewidth": 2.0, "label": "best"}),
        (booked, {"color": GREY, "linestyle": "--", "linewidth": 1.2, "label": "as booked"}),
    ):
        way = [base, *stops, base]
        axes.plot([one.lng for one in way], [one.lat for one in way], zorder=1, **style)
    axes.scatter([base.lng], [base.lat], marker="s", s=160, color=RED, zorder=2, label="base")
    for (lat, lng), together in _by_place(best).items():
        axes.scatter([lng], [lat], s=260, color="white", edgecolors=GREEN, linewidths=2, zorder=3)
        numbers = ",".join(str(number) for number, _ in together)
        axes.annotate(numbers, (lng, lat), ha="center", va="center", fontsize=8, zorder=4)


def price_map(title: str, rows: Sequence[str], surges: NDArray[np.float64]) -> bytes:
    """Give multipliers (rows, 24) by place and hour of the day; NaN is an hour that is not sold."""
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(9, 1.6 + 0.32 * len(rows)), layout="constrained")
    axes.set_facecolor("#e4e4e4")
    shown = np.ma.masked_invalid(surges)
    known = surges[~np.isnan(surges)]
    low, high = float(known.min(initial=0.9)), float(known.max(initial=1.3))
    image = axes.pcolormesh(shown, cmap="YlOrRd", vmin=low, vmax=high)
    axes.invert_yaxis()
    axes.set_xticks(np.arange(24) + 0.5, [f"{hour:02}" for hour in range(24)])
    axes.set_yticks(np.arange(len(rows)) + 0.5, [_plain(row) for row in rows])
    for (row, hour), value in np.ndenumerate(surges):
        if not np.isnan(value):
            colour = "white" if value > (low + 2 * high) / 3 else "black"
            axes.text(
                hour + 0.5, row + 0.5, f"{value:.2f}", ha="center", va="center", fontsize=6, color=colour
            )
    axes.set(xlabel="hour of the day", title=_plain(title))
    figure.colorbar(image, label="x base price")
    return _svg(figure)


def _by_place(stops: Sequence[MapStop]) -> dict[tuple[float, float], list[tuple[int, MapStop]]]:
    """Give numbered stops by point, so that several at one house are marked once."""
    found: dict[tuple[float, float], list[tuple[int, MapStop]]] = {}
    for number, stop in enumerate(stops, 1):
        found.setdefault((stop.lat, stop.lng), []).append((number, stop))
    return found


def _plain(text: str) -> str:
    """Give a text without what XML cannot hold, control characters above all."""
    return "".join(one for one in text if one.isprintable())


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("svg")
    settings: dict[Any, Any] = {
        "svg.hashsalt": "doorstep",
        "svg.fonttype": "none",
        "text.parse_math": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    mpl.rcParams.update(settings)
    from matplotlib import pyplot

    return pyplot


def _svg(figure: Any) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "Doorstep"})
    _pyplot().close(figure)
    return out.getvalue()
