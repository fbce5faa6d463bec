"""How many instructions each kernel takes on fixed inputs, by valgrind: noise of the machine does not count.

    python -m benchmarks.instructions           compare with instructions.json; 1 when one grew by over 5 %
    python -m benchmarks.instructions --keep    write the counts down, after a change that is worth them

Counts depend on the compiler: those of another version are printed and not compared. valgrind shows programs
a processor with AVX2 and without AVX-512: it is that version of the vector code that is counted.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

KEPT = Path(__file__).with_name("instructions.json")
MOST_GROWTH = 0.05
KERNEL = r"__pyx_pw_6engine_\d+_(\w+?)(?:_6Search)?_\d+(find|best|prices|matrix|solve|run|distances_km) \["
LINE = re.compile(r"^\s*([\d,]+) .*:" + KERNEL)


def count() -> dict[str, int]:
    """Give each kernel's instructions, with all that it calls."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        calm = {"PYTHONHASHSEED": "0", "ENGINE_COMPILED": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(
            [*command, sys.executable, "-m", "benchmarks.kernel_calls"],
            env=os.environ | calm,
            check=True,
            capture_output=True,
        )
        told = subprocess.run(
            ["callgrind_annotate", "--inclusive=yes", "--threshold=100", "--auto=no", str(out)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    found = (match for line in told.splitlines() if (match := LINE.match(line)))
    counts = {f"{match[2]}.{match[3]}": int(match[1].replace(",", "")) for match in found}
    return dict(sorted(counts.items()))


def compiler() -> str:
    said = subprocess.run(
        [os.environ.get("CC", "cc"), "--version"], check=True, capture_output=True, text=True
    )
    return said.stdout.splitlines()[0]


def main() -> int:
    parser = argparse.ArgumentParser(description="Count the kernels' instructions.")
    parser.add_argument("--keep", action="store_true", help="write the counts down")
    options = parser.parse_args()
    counts, kept = count(), json.loads(KEPT.read_text()) if KEPT.exists() else {"compiler": "", "counts": {}}
    if options.keep:
        KEPT.write_text(json.dumps({"compiler": compiler(), "counts": counts}, indent=1) + "\n")
    is_comparable, grown = kept["compiler"] == compiler(), []
    for kernel, instructions in counts.items():
        before = kept["counts"].get(kernel)
        change = f"{100 * (instructions / before - 1):+.1f} %" if before and is_comparable else ""
        print(f"{kernel:28} {instructions:>14,} {change}")
        if before and is_comparable and instructions > before * (1 + MOST_GROWTH):
            grown.append(kernel)
    missing = sorted(set(kept["counts"]) - set(counts))
    if not is_comparable:
        print(f"not compared: the kept counts are of {kept['compiler'] or 'no compiler'}")
    if options.keep or not (grown or missing):
        return 0
    print(f"grown by more than {MOST_GROWTH:.0%}, or gone: {', '.join([*grown, *missing])}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
