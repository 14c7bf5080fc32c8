"""`python -m tests.simulation`: many histories, or one by its number, told and shrunk.

python -m tests.simulation                      1,000 histories: what they come to, and which break a rule
python -m tests.simulation --from 500 --count 10000
python -m tests.simulation --seed 954           what happens in one history
python -m tests.simulation --seed 954 --shrink  the shortest history of that seed that breaks the same rule
"""

from __future__ import annotations

import argparse
import sys

from tests.simulation.history import Result, assemble, live
from tests.simulation.many import summary
from tests.simulation.mutants import MUTANTS
from tests.simulation.shrink import shrink


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__.splitlines()[0])
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed of many")
    parser.add_argument("--count", type=int, default=1000, help="how many histories")
    parser.add_argument("--seed", type=int, help="tell the history of this seed")
    parser.add_argument("--shrink", action="store_true", help="find the shortest that breaks the same rule first")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="with a runtime that is broken in this way")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        return _one(chosen)
    total = summary(range(chosen.first, chosen.first + chosen.count))
    print(total)  # noqa: T201 (a program's answer)
    for seed, rule, what in total.broken:
        print(f"seed {seed}: {rule}: {what[:300]}")  # noqa: T201
    return bool(total.broken)


def _one(chosen: argparse.Namespace) -> int:
    how = MUTANTS[chosen.mutant] if chosen.mutant else assemble
    result = live(chosen.seed, assemble=how)
    if chosen.shrink and result.problems:
        result = shrink(result, how)
    print(told(result))  # noqa: T201
    return bool(result.problems)


def told(result: Result) -> str:
    """A history as a person can read it."""
    lines = [f"{seconds / 60:8.2f} min  {line}" for seconds, line in result.protocol]
    lines += ["", f"Not as on a calm day ({len(result.deviations)}):", *(f"  {one}" for one in result.deviations)]
    broken = [f"  {rule}: {what}" for rule, what in result.problems]
    return "\n".join([f"seed {result.seed}", *lines, "", "Broken:" if broken else "No rule was broken.", *broken])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
