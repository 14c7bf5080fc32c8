"""`python3 -m jobs.pack`: arguments and files as in docs/formats.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from jobs.encoding.artifact import write_archive
from jobs.pack.archive import members
from jobs.refusals import run


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: pack(_parsed(arguments)))


def pack(paths: argparse.Namespace) -> None:
    """Both archives read, and the one written."""
    target = paths.output / "model.tar.gz"
    write_archive(target, members(paths.model / "model.tar.gz", paths.encoder))
    print(f"{target.stat().st_size:,} bytes in one archive: {target}", flush=True)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.pack", description=__doc__)
    for name in ("model", "encoder", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
