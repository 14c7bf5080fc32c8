"""`python -m benchmarks [name ...]`: run the measurements and say which targets are met.

Every module here with a `measure() -> dict` is a benchmark (a package holds what several of them share): its figures by
name, ratios against a peer measured in the same run wherever that is possible, because a ratio survives a change of
machine and seconds do not. What each figure must reach stands in `targets.py`. Exit code 0 whatever is missed: a busy
machine is no mistake; read the table. `python -m benchmarks models` measures the quality of models: it takes hours, has
options of its own, and is only run by name.
"""

import argparse
import importlib
import pkgutil
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import benchmarks
from benchmarks.targets import TARGETS, Target

NO_BENCHMARK = {"__main__", "targets"}


def names() -> list[str]:
    entries = pkgutil.iter_modules(benchmarks.__path__)
    return sorted(entry.name for entry in entries if not entry.ispkg and entry.name not in NO_BENCHMARK)


def figures(measured: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of a nested dictionary, by dotted name.

    >>> list(figures({"a": 1, "b": {"c": 2.5, "note": "words are left out"}}))
    [('a', 1.0), ('b.c', 2.5)]
    """
    for name, value in measured.items():
        if name in {"target", "targets"}:
            continue  # for people who run one module by itself; here `targets.py` decides
        if isinstance(value, Mapping):
            yield from figures(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{name}", float(value)


def verdict(value: float, target: Target | None) -> tuple[str, str]:
    """The target in words, and whether it is met.

    >>> verdict(1.5, Target(at_most=1.2))
    ('at most 1.2', 'missed by 25%')
    >>> verdict(3.0, Target(at_least=2.5))
    ('at least 2.5', 'met')
    >>> verdict(2, Target(at_most=0))
    ('at most 0', 'missed by 2')
    """
    if target is None:
        return "", ""
    if target.at_most is not None:
        words, bound, beyond = f"at most {target.at_most:g}", target.at_most, value - target.at_most
    elif target.at_least is not None:
        words, bound, beyond = f"at least {target.at_least:g}", target.at_least, target.at_least - value
    else:
        return "", ""
    if beyond <= 0:
        return words, "met"
    return words, f"missed by {beyond / bound:.0%}" if bound else f"missed by {beyond:g}"


def main() -> None:
    if sys.argv[1:2] == ["models"]:
        importlib.import_module("benchmarks.models.__main__").main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"which ones; all without any: {', '.join(names())}")
    wanted = parser.parse_args().names or names()
    if unknown := sorted(set(wanted) - set(names())):
        sys.exit(f"no benchmark called {', '.join(unknown)}; there are {', '.join(names())}")
    rows: list[tuple[str, ...]] = []
    for name in wanted:
        print(f"{name} ...", file=sys.stderr, flush=True)
        start = time.perf_counter()
        measured = importlib.import_module(f"benchmarks.{name}").measure()
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        rows += [
            (f"{name}.{figure}", f"{value:,.4g}", *verdict(value, TARGETS.get(f"{name}.{figure}")))
            for figure, value in figures(measured)
        ]
    print_table([("figure", "measured", "target", ""), *rows])


def print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for figure, measured, target, met in rows:
        print(f"{figure:<{widths[0]}}  {measured:>{widths[1]}}  {target:<{widths[2]}}  {met}".rstrip())


if __name__ == "__main__":
    main()
