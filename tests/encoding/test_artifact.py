"""The encoder's archive: the same bytes for the same model, and complete enough to run where nothing else is."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

from jobs.encoding import Encoder, write_artifact
from tests.encoding.tables import labels, schema, table

ALONE = """
import sys
sys.path.insert(0, "code")
import encode, decode
model = encode.model_fn(".")
print(encode.transform_fn(model, "40,yes,pro,town 1,,7", "text/csv", "*/*"))
print(decode.transform_fn(decode.model_fn("."), "0.75\\n", "text/csv", "*/*"))
print([name for name in ("pandas", "sklearn", "scipy", "xgboost") if name in sys.modules])
own = [module for name, module in sys.modules.items() if name.partition(".")[0] == "jobs"]
print(all(module.__file__.startswith(sys.argv[1]) for module in own))
"""


def test_the_same_encoder_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = table()
    encoder = Encoder.fit(frame, schema(), labels(frame))
    for name in ("a", "b"):
        write_artifact(encoder, schema(), tmp_path / name / "model.tar.gz")
    assert (tmp_path / "a" / "model.tar.gz").read_bytes() == (tmp_path / "b" / "model.tar.gz").read_bytes()


def test_the_archive_runs_alone_and_needs_little(tmp_path: Path) -> None:
    frame = table()
    write_artifact(Encoder.fit(frame, schema(), labels(frame)), schema(), tmp_path / "model.tar.gz")
    model = tmp_path / "model"
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        archive.extractall(model, filter="data")
    assert json.loads((model / "schema.json").read_text())["target"] == "churned"
    ran = subprocess.run(
        [sys.executable, "-c", ALONE, str(model)],
        cwd=model,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": ""},
    )
    encoded, decoded, heavy, own = ran.stdout.splitlines()
    assert encoded.startswith("('40,1,0,0,0,1,")
    assert encoded.endswith(",nan,nan,nan,nan,nan,nan', 'text/csv')")
    assert decoded == r"('yes,0.25,0.75\n', 'text/csv')"
    assert (heavy, own) == ("[]", "True")
