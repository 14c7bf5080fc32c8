"""The encoder as a model archive that SageMaker can serve: fitted data, schema, and the code that reads them.

The archive stands alone in the container, where only the image's packages exist; so this package and `jobs.serving` go
into it whole, under the same module names as here. The same encoder gives the same bytes: times, owners and order are
fixed, so that an unchanged model has an unchanged checksum.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.encoding.encoder import Encoder

if TYPE_CHECKING:
    from jobs.schema import Schema

_JOBS = Path(__file__).resolve().parent.parent
_ENTRY_POINTS = ("encode.py", "decode.py")
_PACKAGES = ("encoding", "serving")


def write_artifact(encoder: Encoder, schema: "Schema", path: str | Path) -> None:
    """Write `model.tar.gz` (encoder.json, schema.json, code/) to `path`, whose folder is made if need be."""
    write_archive(
        path,
        {
            "encoder.json": encoder.to_json().encode(),
            "schema.json": json.dumps(schema, ensure_ascii=False, indent=1).encode(),
            **_code(_ENTRY_POINTS, _PACKAGES),
        },
    )


def write_archive(path: str | Path, members: Mapping[str, bytes]) -> None:
    """A gzipped tar of these contents by their names, the same bytes whenever it is written; its folder is made."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        target.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in members.items():
            archive.addfile(_member(name, len(content)), io.BytesIO(content))


def code_of_ensemble() -> dict[str, bytes]:
    """The files of `code/` for an ensemble, whose one container takes raw rows and answers them."""
    return _code(("serve.py",), ("encoding", "ensemble", "serving"))


def _code(entry_points: Sequence[str], packages: Sequence[str]) -> dict[str, bytes]:
    """The files of `code/` by their place in the archive: modules of `jobs.serving` that a container starts, and the
    packages that they import, under the names that they have here."""
    return {
        **{f"code/{name}": (_JOBS / "serving" / name).read_bytes() for name in entry_points},
        "code/jobs/__init__.py": b"",
        **{
            f"code/jobs/{package}/{module.name}": module.read_bytes()
            for package in packages
            for module in sorted((_JOBS / package).glob("*.py"))
        },
    }


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    return member
