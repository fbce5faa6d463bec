"""Judge a policy: python -m engine.simulate --surge none gentle steep --days 14"""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tqdm import tqdm

from engine.simulate import city, day, demand, policies, report
from engine.simulate.measures import Measures, spread

DEFAULT_BOOKINGS_A_DAY = 1_000
UNTOLD = frozenset({"output", "quiet", "processes"})
"""Options that change no figure."""


def main() -> int:
    """Run what the command line asks for; 2 for an option that makes no sense."""
    parser = _parser()
    options = parser.parse_args()
    _check(parser, options)
    wishes_a_day = options.bookings / options.days if options.bookings else DEFAULT_BOOKINGS_A_DAY
    seeds = range(options.seed, options.seed + options.seeds)
    combined = [(surge, dispatch) for surge in options.surge for dispatch in options.dispatch]
    tasks = [(label, seed, number) for label in combined for seed in seeds for number in range(options.days)]
    runs = {(label, seed): Measures() for label, seed, _ in tasks}
    one = partial(_day, options.pincodes, options.vendors, wishes_a_day)
    is_quiet = options.quiet or not sys.stderr.isatty()
    for (label, seed, _), (place, wishes, found) in zip(
        tqdm(tasks, unit="day", disable=is_quiet), _days(one, tasks, options.processes), strict=True
    ):
        runs[label, seed].add(place, wishes, found)
    names = {label: _name(label, options) for label in combined}
    results = {
        name: spread(
            runs[label, seed].figures() for seed in range(options.seed, options.seed + options.seeds)
        )
        for label, name in names.items()
    }
    print(report.table(results, options.seeds))
    if options.output is not None:
        from engine.simulate import plots

        firsts = {name: runs[label, options.seed] for label, name in names.items()}
        told = {key: value for key, value in vars(options).items() if key not in UNTOLD}
        report.write(options.output, told, results, firsts)
        plots.draw(options.output, results, firsts)
    return 0


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with a line that names what is wrong: a policy, two of one name, or a folder."""
    names = [Path(name).stem for name in options.surge]
    if len(set(names)) < len(names) or len(set(options.dispatch)) < len(options.dispatch):
        parser.error("every policy is compared once, by a name of its own")
    try:
        for name in options.surge:
            policies.surge(name)
        if options.output is not None:
            options.output.mkdir(parents=True, exist_ok=True)
    except ValueError as wrong:
        parser.error(str(wrong))
    except OSError as wrong:
        parser.error(f"argument --output: {options.output}: {wrong.strerror}")


Task = tuple[tuple[str, str], int, int]
Done = tuple[city.City, demand.Wishes, day.Day]


def _days(one: "partial[Done]", tasks: list[Task], processes: int) -> Iterator[Done]:
    if processes == 1:
        yield from map(one, tasks)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(one, tasks)


def _day(pincodes: int, vendors: int, wishes_a_day: float, task: Task) -> Done:
    (surge, dispatch), seed, number = task
    place = city.draw(pincodes, vendors, seed)
    wishes = demand.draw(place, number, wishes_a_day, seed)
    found = day.run(place, number, wishes, policies.surge(surge), policies.DISPATCH[dispatch])
    return place, wishes, found


def _name(label: tuple[str, str], options: argparse.Namespace) -> str:
    surge, dispatch = Path(label[0]).stem, label[1]
    if len(options.dispatch) == 1:
        return surge
    return dispatch if len(options.surge) == 1 else f"{surge}, {dispatch}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine.simulate",
        description="Try surge and dispatch policies on the same simulated customers.",
    )
    parser.add_argument("--surge", nargs="+", default=["none", "gentle", "steep"], metavar="NAME|FILE")
    parser.add_argument("--dispatch", nargs="+", default=["best_slot"], choices=policies.DISPATCH)
    parser.add_argument("--days", type=_Positive(3_650), default=7)
    parser.add_argument(
        "--bookings", type=_Positive(10_000_000), help="wishes in all, about; 1,000 a day else"
    )
    parser.add_argument("--pincodes", type=_Positive(5_000), default=100)
    parser.add_argument("--vendors", type=_Positive(20_000), default=150)
    parser.add_argument("--seed", type=_Positive(2**31), default=1)
    parser.add_argument(
        "--seeds", type=_Positive(100), default=1, help="runs with seeds that follow, for ranges"
    )
    parser.add_argument("--processes", type=_Positive(64), default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="results.json, prices.csv and plots")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser


class _Positive:
    """A type for argparse: 1..most."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __call__(self, given: str) -> int:
        value = int(given)
        if not 1 <= value <= self._most:
            raise argparse.ArgumentTypeError(f"{value} is not in 1..{self._most}")
        return value

    __name__ = "whole number"


if __name__ == "__main__":
    sys.exit(main())
