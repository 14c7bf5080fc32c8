"""Script mode: the container serving with a user's module instead of its own scoring service.

The module named by SAGEMAKER_PROGRAM is imported from SAGEMAKER_SUBMIT_DIRECTORY and provides `model_fn(model_dir)`
and either `transform_fn(model, data, content_type, accept)` or any of `input_fn`, `predict_fn`, `output_fn`. On AWS
each container is a machine of its own; here several live in one process, so each gets its own copy of every module
that its folder provides: `encode.py` and `decode.py` may bring different versions of the same package, and the
checkout's own is untouched. A script must therefore import its own modules at its top, not in the middle of a
request.
"""

import importlib
import os
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import xgboost

from local.containers.errors import UserError
from local.containers.reply import REQUEST_HEADERS, Reply, served_as, server_error
from local.containers.xgboost.payload import read_payload

_MODEL_DIR = PurePosixPath("/opt/ml/model")
_DECODED = ("text/csv", "application/json")  # exactly these arrive as text; with a charset added, as bytes
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_importing = threading.Lock()


class ScriptService:
    """Serves with the user's module. Raises `UserError` where the module cannot serve."""

    def __init__(self, model_dir: Path, environment: Mapping[str, str]) -> None:
        program = environment["SAGEMAKER_PROGRAM"].removesuffix(".py")
        folder = code_folder(environment, model_dir)
        if not (folder / f"{program}.py").is_file():
            raise UserError(f"there is no {program}.py in {environment.get('SAGEMAKER_SUBMIT_DIRECTORY')}")
        self._default_accept = environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
        with _own_modules(folder, environment):
            module = importlib.import_module(program)
            _check(module)
            self._model = module.model_fn(str(model_dir))
        self._transform = getattr(module, "transform_fn", None) or _composed(module)

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """The answer to one request; an exception in the script is status 500 here as there."""
        media = content_type or "application/json"
        wanted = accept if accept and accept != "*/*" else self._default_accept
        try:
            data = body.decode(errors="replace") if media in _DECODED else body  # as Werkzeug hands it to the script
            with _flask_request():
                return _reply(self._transform(self._model, data, media, wanted))
        except Exception:  # noqa: BLE001 - a user's code may raise anything; the container survives it
            traceback.print_exc()
            return server_error()


@contextmanager
def _flask_request() -> Iterator[None]:
    """Flask's current request, for a script that asks for it: the container's server hands its requests to Flask."""
    headers = REQUEST_HEADERS.get()
    if "flask" not in sys.modules and _ATTRIBUTES not in headers:  # nothing to ask, and nobody has to wait for it
        yield
        return
    with _flask().test_request_context("/invocations", method="POST", headers=dict(headers)):
        yield


@cache
def _flask() -> Any:
    from flask import Flask

    return Flask("container")


def _check(module: ModuleType) -> None:
    if not hasattr(module, "model_fn"):
        raise UserError(f"{module.__name__}.py has no model_fn(model_dir)")
    if hasattr(module, "transform_fn") and any(
        hasattr(module, name) for name in ("input_fn", "predict_fn", "output_fn")
    ):
        raise UserError("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")


def _composed(module: ModuleType) -> Any:
    """The three functions in a row, with the container's own for those the module does not have."""
    read = getattr(module, "input_fn", _default_input)
    predict = getattr(module, "predict_fn", _default_predict)
    write = getattr(module, "output_fn", _default_output)

    def transform(model: Any, data: Any, content_type: str, accept: str) -> Any:
        return write(predict(read(data, content_type), model), accept)

    return transform


def _default_input(data: str | bytes, content_type: str) -> Any:
    return xgboost.DMatrix(read_payload(data.encode() if isinstance(data, str) else data, content_type))


def _default_predict(data: Any, model: Any) -> Any:
    return model.predict(data, validate_features=False)


def _default_output(prediction: Any, accept: str) -> tuple[str, str]:
    rows = prediction.tolist()
    if accept == "application/json":
        return repr(rows), accept
    return "".join(f"{','.join(map(repr, row)) if isinstance(row, list) else row!r}\n" for row in rows), "text/csv"


def _reply(result: Any) -> Reply:
    """A (body, media type) pair or a Flask response, as the container takes them."""
    if isinstance(result, tuple):
        body, media = result[0], result[1]
        return Reply(200, served_as(media), body.encode() if isinstance(body, str) else bytes(body))
    if isinstance(result, str):
        return Reply(200, served_as("text/html"), result.encode())
    return Reply(result.status_code, result.content_type, result.get_data())


def code_folder(environment: Mapping[str, str], model_dir: Path) -> Path:
    """Where a container's code lies here, whose /opt/ml/model is `model_dir`."""
    path = PurePosixPath(environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/code"))
    return model_dir / path.relative_to(_MODEL_DIR) if path.is_relative_to(_MODEL_DIR) else Path(path)


@contextmanager
def _own_modules(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Import from `folder` first, under the container's environment, and leave no trace of it for the next one."""
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    with _importing:
        others = _taken_out(names)
        variables = dict(os.environ)
        os.environ.update(environment)
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(str(folder))
            os.environ.clear()
            os.environ.update(variables)
            _taken_out(names)
            sys.modules.update(others)


def _taken_out(names: set[str]) -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in names}
