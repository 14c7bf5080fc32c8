"""Nothing that our code reads can run: it loads no pickle, no text becomes code, no markup comes from a name.

The issue asks that pickles be loaded from the run's own prefix only. We load none at all: models are UBJSON, encoders
and documents JSON, tables CSV and Parquet. These rules keep it so, in everything that is shipped or runs on a laptop.
AWS's XGBoost container, which tries to unpickle its model, is not ours: docs/security.md says what follows.
"""

from __future__ import annotations

import ast
import io
import pickle
import re
import tarfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.algorithms import BUILT_IN, ImportanceError
from jobs.tables.parquet import read_parquet

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("chalicelib", "jobs", "local", "ops", "benchmarks", "examples")
PICKLES = {"pickle", "cPickle", "_pickle", "pickletools", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch"}
ENTITIES = {"xml.etree", "xml.dom", "xml.sax", "lxml", "plistlib"}
RUNS = {"eval", "exec", "compile", "__import__"}
METHODS_THAT_RUN = {
    "read_pickle", "to_pickle", "unsafe_load", "full_load", "load_all", "unsafe_load_all", "system", "popen",
    "getoutput", "getstatusoutput", "create_subprocess_shell", "register_extension_type",
}  # fmt: skip
Rule = Callable[[ast.Module], Iterator[int]]


def called(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str]]:
    """Every call, with the name that is called and what that is an attribute of."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node, node.func.attr, ast.unparse(node.func.value)
            elif isinstance(node.func, ast.Name):
                yield node, node.func.id, ""


def argument(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(given.value) for given in call.keywords if given.arg == name), None)


def imported(tree: ast.Module) -> Iterator[tuple[ast.stmt, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield node, [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            yield node, [node.module or ""]


def loads_no_pickle(tree: ast.Module) -> Iterator[int]:
    for node, names in imported(tree):
        if any(name.partition(".")[0] in PICKLES for name in names):
            yield node.lineno
    for call, name, of in called(tree):
        loads_array = (name == "load" and of in {"np", "numpy"}) or name == "ndarray_load"
        if loads_array or argument(call, "allow_pickle") == "True":
            yield call.lineno


def runs_no_text(tree: ast.Module) -> Iterator[int]:
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    safe = {node.name for node in classes if [ast.unparse(base) for base in node.bases] == ["yaml.SafeLoader"]}
    for call, name, of in called(tree):
        if (name in RUNS and not of) or (name in METHODS_THAT_RUN and of):
            yield call.lineno
        if argument(call, "shell") not in (None, "False"):
            yield call.lineno
        if name == "load" and of == "yaml" and argument(call, "Loader") not in {"_UniqueKeys", *safe}:
            yield call.lineno


def reads_no_entities(tree: ast.Module) -> Iterator[int]:
    for node, names in imported(tree):
        harmful = [name for name in names if name != "xml.sax.saxutils"]  # escapes, and parses nothing
        if any(name == one or name.startswith(f"{one}.") for name in harmful for one in ENTITIES):
            yield node.lineno


def unpacks_within_its_folder(tree: ast.Module) -> Iterator[int]:
    for call, name, _ in called(tree):
        if name in {"extractall", "extract", "unpack_archive"} and len(call.args) + len(call.keywords) > 1:
            if name == "extract" and argument(call, "filter") is None and argument(call, "path") is None:
                continue  # a method of ours, whose own extractall is looked at
            if argument(call, "filter") != "'data'":
                yield call.lineno


def signs_no_links(tree: ast.Module) -> Iterator[int]:
    for call, name, _ in called(tree):
        if name.startswith("generate_presigned") or name == "add_auth":
            yield call.lineno


ALLOWED = {
    # The body of a request to the laptop's own front door, from a client of the same user; see the test of entities.
    (reads_no_entities, "local/permissions/s3.py"),
}
RULES = [loads_no_pickle, runs_no_text, reads_no_entities, unpacks_within_its_folder, signs_no_links]
SOURCES = [ROOT / "app.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))]


@cache
def trees() -> dict[str, ast.Module]:
    """The sources by their paths; parsed for the first rule, and not by every worker that collects this."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in SOURCES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks(rule: Rule) -> None:
    broken = [f"{name}:{line}" for name, tree in trees().items() for line in rule(tree) if (rule, name) not in ALLOWED]
    assert broken == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (loads_no_pickle, "import joblib"),
        (loads_no_pickle, "def f():\n    from pickle import loads"),
        (loads_no_pickle, "np.load(path)"),
        (loads_no_pickle, "read(path, allow_pickle=True)"),
        (runs_no_text, "eval(text)"),
        (runs_no_text, "pd.read_pickle(path)"),
        (runs_no_text, "subprocess.run(text, shell=True)"),
        (runs_no_text, "os.system(text)"),
        (runs_no_text, "yaml.load(text, Loader=yaml.Loader)"),
        (reads_no_entities, "from xml.etree import ElementTree"),
        (reads_no_entities, "import xml.dom.minidom"),
        (unpacks_within_its_folder, "archive.extractall(folder, members)"),
        (unpacks_within_its_folder, "shutil.unpack_archive(path, folder)"),
        (signs_no_links, "s3.generate_presigned_url('get_object')"),
    ],
)
def test_a_rule_notices(rule: Rule, text: str) -> None:
    assert list(rule(ast.parse(text)))


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)),
        '<!ENTITY a9 SYSTEM "file:///etc/hostname">',
    ],
    ids=["a bomb", "a file"],
)
def test_the_laptops_parser_expands_no_entities(declared: str) -> None:
    with pytest.raises(ElementTree.ParseError, match=r"amplification|undefined entity"):
        ElementTree.fromstring(f"<!DOCTYPE d [{declared}]><d>&a9;</d>")  # noqa: S314  what is asked here


def test_only_our_own_style_and_pictures_are_markup() -> None:
    marked = [path.name for path in SOURCES if "Markup(" in path.read_text("utf-8")]
    assert marked == ["shell.py"]
    templates = [path.read_text("utf-8") for path in (ROOT / "jobs/report/templates").glob("*.jinja")]
    assert templates
    for text in templates:
        assert not re.search(r"\|\s*safe\b|autoescape|Markup|<script|\son\w+\s*=", text)


class Evil:
    """Leaves a file where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.fixture
def trace(tmp_path: Path) -> Iterator[Path]:
    """The file that a loaded pickle would leave; none must."""
    path = tmp_path / "loaded"
    yield path
    assert not path.exists()


def test_the_trace_would_be_left(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Evil(tmp_path / "loaded")))
    assert (tmp_path / "loaded").exists()


@pytest.mark.parametrize("kind", [b"arrow.py_extension_type", b"pandas.custom"])
def test_a_pickle_in_a_parquet_files_metadata_is_not_loaded(kind: bytes, trace: Path) -> None:
    payload = pickle.dumps(Evil(trace))
    metadata = {"ARROW:extension:name": kind, "ARROW:extension:metadata": payload}
    field = pa.field("age", pa.string(), metadata=metadata)
    about = {b"pandas": b'{"columns": [{"name": "age", "pandas_type": "object"}]}', b"pickle": payload}
    table = pa.table([pa.array(["1", "2"]), pa.array(["x", "y"])], schema=pa.schema([field, ("b", pa.string())], about))
    out = io.BytesIO()
    pq.write_table(table, out)
    grid = read_parquet(out.getvalue(), "a.parquet", 10)
    assert grid.columns[0].to_pylist() == ["1", "2"]


def test_binary_cells_of_a_parquet_file_are_set_aside_unread(trace: Path) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [pickle.dumps(Evil(trace))], "b": ["x"], "c": ["y"]}), out)
    grid = read_parquet(out.getvalue(), "a.parquet", 10)
    assert [column.to_pylist() for column in grid.columns] == [[None], ["x"], ["y"]]


def archive(path: Path, *members: tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_a_pickle_in_the_place_of_a_model_is_refused(trace: Path, tmp_path: Path) -> None:
    evil = archive(tmp_path / "model.tar.gz", ("xgboost-model", pickle.dumps(Evil(trace))))
    with pytest.raises(ImportanceError, match=r"cannot be read by xgboost"):
        BUILT_IN.of({}).gain_by_feature(evil)
