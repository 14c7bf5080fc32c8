"""Batch transform: objects of S3 through a model's own containers, and back to S3 as `<name>.out`.

The containers are started as an endpoint's are, by the same server, and ended with the job. An object with a bad record
has no result and fails the job, and the others are answered all the same: so AWS does it.
"""

from __future__ import annotations

import gzip
import http.client
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.sagemaker.hosting import HostingError, Server, clean_up, serve
from local.sagemaker.machine import Machine, Threads
from local.sagemaker.objects import MissingInputError, Objects, split_uri
from local.sagemaker.resource_registry import Kind, Record, now
from local.sagemaker.transform_records import (
    CSV,
    JSON,
    LINES,
    MEGABYTE,
    BadRecordError,
    Filter,
    Processing,
    assembled,
    records,
    requests,
    results,
)
from local.wire.errors import ApiError

LOG_GROUP = "/aws/sagemaker/TransformJobs"
_MOST = 100  # megabytes of all requests that are under way
_VARIANT = {"ProductionVariants": [{"VariantName": "AllTraffic"}]}


class TransformJobs:
    """Creates, runs and stops transform jobs."""

    def __init__(self, machine: Machine, threads: Threads) -> None:
        self._machine = machine
        self._registry = machine.registry
        self._threads = threads

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateTransformJob."""
        how = How.read(request)
        model = self._registry.find(Kind.MODEL, request["ModelName"])
        if model is None:
            arn = self._registry.arn(Kind.MODEL, request["ModelName"])
            raise ApiError("ValidationException", f'Could not find model "{arn}".')
        name = request["TransformJobName"]
        arn = self._registry.arn(Kind.TRANSFORM, name)
        defaults = {
            "MaxConcurrentTransforms": how.concurrent,
            "MaxPayloadInMB": how.payload,
            "BatchStrategy": how.strategy,
        }
        detail = {key: value for key, value in request.items() if key != "Tags"} | defaults
        detail |= {"TransformJobArn": arn, "TransformJobStatus": "InProgress", "CreationTime": now()}
        taken = ApiError(
            "ResourceInUse",
            "Job name must be unique within an AWS account and region, and a job with this name already exists "
            f"({arn})",
        )
        record = self._registry.add(
            Kind.TRANSFORM, name, detail, taken=taken, tags=request.get("Tags"), hidden={"model": model.detail}
        )
        self._threads.begin(record, self._run)
        return {"TransformJobArn": arn}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopTransformJob."""
        record = self._registry.find(Kind.TRANSFORM, request["TransformJobName"])
        if record is None:
            raise ApiError(
                "ValidationException", f"Could not find requested job with name: {request['TransformJobName']}"
            )
        if record.detail["TransformJobStatus"] == "InProgress":
            self._registry.change(record, TransformJobStatus="Stopping")
            self._threads.stop(record)
        return {}

    def _run(self, record: Record, stop: threading.Event) -> None:
        try:
            self._registry.change(record, announce=False, TransformStartTime=now())
            model = record.hidden["model"]
            objects = self._machine.assumed(model["ExecutionRoleArn"]).objects
            objects.require(record.detail["TransformInput"]["DataSource"]["S3DataSource"])
            with self._serving(record) as server:
                bad = self._transform(record, server, stop)
            if stop.is_set():
                self._finish(record, "Stopped")
            elif bad:
                self._finish(record, "Failed", FailureReason="ClientError: See job logs for more information")
            else:
                self._finish(record, "Completed")
        except HostingError as error:
            self._finish(record, "Failed", FailureReason=f"AlgorithmError: {error}"[:1024])
        except (MissingInputError, ApiError) as error:
            self._finish(record, "Failed", FailureReason=str(error)[:1024])
        except Exception as error:  # noqa: BLE001 - our own mistakes are to SageMaker's users what theirs are: an internal error
            self._finish(record, "Failed", FailureReason=f"InternalServerError: {type(error).__name__}: {error}"[:1024])

    @contextmanager
    def _serving(self, record: Record) -> Iterator[Server]:
        """The model's containers, as long as the job takes; its log, too."""
        given = record.detail.get("Environment") or {}
        model = _with_environment(record.hidden["model"], {"SAGEMAKER_BATCH": "true", **given})
        largest = record.detail["MaxPayloadInMB"] * MEGABYTE
        server = serve(self._machine, record.name, model, _VARIANT, logs=LOG_GROUP, largest=largest)
        try:
            yield server
        finally:
            server.stop()
            stream = f"{record.name}/{server.stream.rpartition('/')[2]}"
            self._machine.logs.ship(
                LOG_GROUP, stream, server.log, then=lambda: clean_up(server.directory, server.objects)
            )

    def _transform(self, record: Record, server: Server, stop: threading.Event) -> bool:
        """Answer every object; whether one of them could not be."""
        how = How.read(record.detail)
        bad = False
        source = record.detail["TransformInput"]["DataSource"]["S3DataSource"]
        target = record.detail["TransformOutput"]["S3OutputPath"]
        for place, body in _objects(server.objects, source, how.compression):
            if stop.is_set():
                break
            try:
                answer = how.answer(body, server.port, stop)
            except (BadRecordError, OSError, http.client.HTTPException) as error:
                with server.log.open("a") as log:
                    log.write(f"{place}: {error}\n")
                bad = True
                continue
            if not stop.is_set():
                bucket, prefix = split_uri(target)
                server.objects.put(bucket, f"{prefix.rstrip('/')}/{place}.out".lstrip("/"), answer)
        return bad

    def _finish(self, record: Record, status: str, **fields: Any) -> None:
        self._registry.change(record, TransformJobStatus=status, TransformEndTime=now(), **fields)


def _objects(objects: Objects, source: dict[str, Any], compression: str) -> Iterator[tuple[str, bytes]]:
    """Each object's place below the prefix, and its bytes, unpacked. Raises MissingInputError."""
    for place, body in objects.each(source):
        if compression == "Gzip":
            yield place, gzip.decompress(body)
        else:
            yield place, body


def _with_environment(model: dict[str, Any], more: dict[str, str]) -> dict[str, Any]:
    """The model, its containers given what the job gives them."""
    given = dict(model)
    for member in ("Containers", "PrimaryContainer"):
        if member in given:
            one = given[member]
            each = [_given(item, more) for item in one] if isinstance(one, list) else _given(one, more)
            given[member] = each
    return given


def _given(container: dict[str, Any], more: dict[str, str]) -> dict[str, Any]:
    return {**container, "Environment": {**container.get("Environment", {}), **more}}


@dataclass(frozen=True)
class How:
    """How a job transforms: a request, checked."""

    content_type: str | None
    accept: str | None
    split: str
    assemble: str
    compression: str
    strategy: str
    payload: int
    """MB."""
    concurrent: int
    seconds: float
    retries: int
    processing: Processing

    @classmethod
    def read(cls, request: dict[str, Any]) -> How:
        """Raises ApiError for what AWS, or this machine, refuses."""
        source, target = request["TransformInput"], request["TransformOutput"]
        client = request.get("ModelClientConfig", {})
        found = cls(
            source.get("ContentType"),
            target.get("Accept"),
            source.get("SplitType", "None"),
            target.get("AssembleWith", "None"),
            source.get("CompressionType", "None"),
            request.get("BatchStrategy", "MultiRecord"),
            request.get("MaxPayloadInMB", 6),
            request.get("MaxConcurrentTransforms") or 1,
            client.get("InvocationsTimeoutInSeconds", 600),
            client.get("InvocationsMaxRetries", 3),
            _processing(request),
        )
        found.check(request)
        return found

    def check(self, request: dict[str, Any]) -> None:
        """Refuse what does not go together, and what only AWS has."""
        if self.payload * self.concurrent > _MOST:
            raise _invalid(f"MaxConcurrentTransforms * MaxPayloadInMB must not be more than {_MOST} MB.")
        if self.split not in {"None", "Line"}:
            raise _invalid(f"The embedded cloud splits by Line, and not by {self.split}.")
        if request["TransformResources"]["InstanceCount"] != 1:
            raise ApiError("ResourceLimitExceeded", "The embedded cloud has one machine: InstanceCount must be 1.")
        if "DataCaptureConfig" in request:
            raise _invalid("The embedded cloud captures nothing of a transform job: leave DataCaptureConfig out.")
        if self.processing.join and self.split == "Line" and self.assemble != "Line":
            raise _invalid("To join lines with their answers, AssembleWith must be Line.")
        kind = request["TransformInput"]["DataSource"]["S3DataSource"]["S3DataType"]
        if kind not in {"S3Prefix", "ManifestFile"}:
            raise _invalid(f"The embedded cloud transforms an S3Prefix or a ManifestFile, and no {kind}.")

    def answer(self, body: bytes, port: int, stop: threading.Event) -> bytes:
        """One object's result. Raises BadRecordError, and OSError where the model does not answer in time."""
        given = records(body, self.split)
        batches = requests(given, self.strategy, self.payload * MEGABYTE)

        def one(batch: list[bytes]) -> list[bytes]:
            if stop.is_set():
                return []
            asked = b"\n".join(self.processing.asked(record) for record in batch)
            return results(batch, self._asked(asked, port), self.processing)

        with ThreadPoolExecutor(self.concurrent) as pool:
            found = list(pool.map(one, batches))
        return assembled([one for each in found for one in each], self.assemble)

    def _asked(self, body: bytes, port: int) -> bytes:
        headers = {"Content-Type": self.content_type, "Accept": self.accept}
        for again in range(self.retries, -1, -1):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.seconds)
            try:
                connection.request("POST", "/invocations", body, {k: v for k, v in headers.items() if v})
                reply = connection.getresponse()
                said = reply.read()
            except OSError:
                if not again:
                    raise
                continue
            finally:
                connection.close()
            if reply.status < 300:
                return said
            if reply.status < 500 or not again:
                words = said[:500].decode("utf-8", "replace")
                raise BadRecordError(f"Bad HTTP status received from algorithm: {reply.status}: {words}")
        raise BadRecordError("the model was not asked")


def _processing(request: dict[str, Any]) -> Processing:
    wanted = request.get("DataProcessing") or {}
    media = (request["TransformInput"].get("ContentType") or "").partition(";")[0].strip().lower()
    try:
        before, after = (Filter.read(wanted.get(name, "$")) for name in ("InputFilter", "OutputFilter"))
    except ValueError as error:
        raise _invalid(f"Invalid JSONPath in DataProcessing: {error}.") from None
    join = wanted.get("JoinSource", "None") == "Input"
    found = Processing(media, before, after, join)
    if (found.looks_at_answers or before.steps) and media not in {CSV, JSON, LINES}:
        raise _invalid(f"DataProcessing needs a ContentType of {CSV}, {JSON} or {LINES}.")
    said = (request["TransformOutput"].get("Accept") or media).partition(";")[0].strip().lower()
    if join and (media == CSV) != (said == CSV):
        raise _invalid("To join input and output, ContentType and Accept must be of one kind.")
    return found


def _invalid(sentence: str) -> ApiError:
    return ApiError("ValidationException", sentence)
