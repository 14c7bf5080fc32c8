"""Every operation that the code can ask AWS for, read from the code itself. The one such reading: what the roles must
allow (tests/infra/test_calls.py) and what relays must send (test_every_request.py) are compared with the same.

It follows no variable: every word in a file that is called as a method or stands in quotes counts when it is a method
of a client that the file could have. An adapter's service is the one whose client `chalicelib.runtime.runtime()` hands
it; a job script may have any client that any script makes. What could make a client unseen is `unfollowed`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from botocore import xform_name

from local.wire.shapes import service_model

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "chalicelib" / "runtime" / "__init__.py"
"""The one place where the functions' clients are made."""
_BOTO3 = ROOT / "chalicelib" / "aws" / "__init__.py"
"""The one place of theirs that knows boto3."""
_JOBS = sorted((ROOT / "jobs").rglob("*.py"))
_REQUESTS = {"sagemaker": "requests"}
"""Where the operations of a service are named that its adapter is told to call."""
_WRITES = {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"}
_TRANSFERS = {
    "upload_file": _WRITES,
    "upload_fileobj": _WRITES,
    "download_file": {"HeadObject", "GetObject"},
    "download_fileobj": {"HeadObject", "GetObject"},
}
"""What boto3 puts on an S3 client besides its operations."""


@cache
def of_functions() -> set[str]:
    """What the Lambda functions can ask for, as `sagemaker.CreateModel`."""
    found: set[str] = set()
    for module, service in adapters().items():
        files = [ROOT / "chalicelib" / "aws" / f"{module}.py"]
        if service in _REQUESTS:
            files += sorted((ROOT / "chalicelib" / _REQUESTS[service]).glob("*.py"))
        found |= {name for file in files for name in operations(parsed(file), service)}
    return found


def files_of_functions() -> set[str]:
    """The adapters' files."""
    return {f"chalicelib/aws/{module}.py" for module in adapters()}


@cache
def of_jobs() -> set[str]:
    """What the job scripts can ask for."""
    return {name for file in _JOBS for name in _of_job(file)}


def files_of_jobs() -> set[str]:
    """The job scripts' files that ask for something."""
    return {file.relative_to(ROOT).as_posix() for file in _JOBS if _of_job(file)}


@cache
def _of_job(file: Path) -> set[str]:
    services = [service for service in clients_of_jobs() if _may_name(file, service)]
    return {name for service in services for name in operations(parsed(file), service)}


def _may_name(file: Path, service: str) -> bool:
    """Whether any method's name stands in the text: every worker reads this, and to parse it all takes a second."""
    return not _terms(file).isdisjoint({"copy", *_TRANSFERS, *_methods(service)})


@cache
def _terms(file: Path) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z]\w*", file.read_text(encoding="utf-8")))


@cache
def clients_of_jobs() -> set[str]:
    """The services whose clients any of the job scripts makes."""
    calls = [call for file in _JOBS if "client" in _terms(file) for call in _calls(parsed(file), "client")]
    return {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}


@cache
def adapters() -> dict[str, str]:
    """The service of every adapter, by its module in `chalicelib/aws/`."""
    tree = parsed(RUNTIME)
    modules = {
        alias.name: node.module.rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        made = node.args[0].body if isinstance(node.args[0], ast.Lambda) else node.args[0]  # or only when it is needed
        if isinstance(made, ast.Call) and ast.unparse(made.func) == "aws.client":
            assert isinstance(made.args[0], ast.Constant)
            found[modules[node.func.id]] = str(made.args[0].value)
    assert len(found) == len(_calls(tree, "client")), "a client is handed to something that is no adapter"
    return found


def operations(tree: ast.AST, service: str) -> set[str]:
    """The operations of a service that are named in source."""
    words = _words(tree)
    found = {name for word, name in _methods(service).items() if word in words}
    if service == "s3":
        found |= {name for word, names in _TRANSFERS.items() if word in words for name in names}
        # A word that much has: only S3's takes what to copy, where from and whereto.
        if any(len(call.args) + len(call.keywords) > 2 for call in _calls(tree, "copy")):
            found |= {"CopyObject", "HeadObject", "UploadPartCopy"} | _WRITES
    return {f"{service}.{name}" for name in found}


@cache
def _methods(service: str) -> dict[str, str]:
    """boto3's method names of a service, with its operations."""
    return {xform_name(name): name for name in service_model(service).operation_names}


def unfollowed() -> list[str]:
    """Where a client is made, or could be, that the readings above do not see."""
    rooms = {room: sorted((ROOT / room).rglob("*.py")) for room in ("chalicelib", "jobs")}
    seen = {RUNTIME: {"aws.client"}, _BOTO3: {"boto3.client", "any service"}}
    found = {file: list(unseen(parsed(file), may=seen.get(file, set()))) for file in rooms["chalicelib"]}
    found |= {file: list(unseen(parsed(file), may={"boto3.client"})) for file in rooms["jobs"]}
    return [f"{file.relative_to(ROOT)}:{line}" for file, lines in found.items() for line in lines]


def unseen(tree: ast.AST, *, may: set[str]) -> Iterator[str]:
    """What a file does with boto3 or our `aws` beyond making clients by the names given, each of a service that is
    named there and then. Only `aws.client` makes one of "any service": its callers are looked at."""
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "boto3":
            yield f"{node.lineno}: a part of boto3 under a name of its own"
        if isinstance(node, ast.ImportFrom) and node.module == "chalicelib.aws":
            yield from (f"{node.lineno}: {one.name}" for one in node.names if one.name == "client")
        if isinstance(node, ast.Import | ast.ImportFrom):
            renamed = (one.name for one in node.names if one.asname and one.name in {"boto3", "aws", "chalicelib.aws"})
            yield from (f"{node.lineno}: {name} under another name" for name in renamed)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"boto3", "aws", "chalicelib.aws"}:
            yield from _of_attribute(node, called, may)


def _of_attribute(node: ast.Attribute, called: Mapping[int, ast.Call], may: set[str]) -> Iterator[str]:
    made, text = called.get(id(node)), ast.unparse(node)
    if text not in may or made is None or not made.args:
        yield f"{node.lineno}: {text}"
    elif not isinstance(made.args[0], ast.Constant) and "any service" not in may:
        yield f"{node.lineno}: {text} of a service that only a run shows"


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _nodes(tree: ast.AST) -> tuple[list[str], list[ast.Call]]:
    """The words of `_words`, and the calls of methods; all that is asked of most files, by one walk through each."""
    words: list[str] = []
    calls: list[ast.Call] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.append(node.value)
        elif isinstance(node, ast.Attribute):
            words.append(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            calls.append(node)
    return words, calls


@cache
def _words(tree: ast.AST) -> set[str]:
    """Every text in quotes, and everything that is called, or only named, as somebody's."""
    return set(_nodes(tree)[0])


def _calls(tree: ast.AST, method: str) -> list[ast.Call]:
    return [call for call in _nodes(tree)[1] if isinstance(call.func, ast.Attribute) and call.func.attr == method]
