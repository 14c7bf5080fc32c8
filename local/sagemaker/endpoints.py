"""Endpoints: what serves, under which configuration, and how one configuration gives way to another.

An update starts the new server beside the old one and switches when the new one answers, or step by step and under
watch, where that is asked for; the old one ends when it has answered the last request it was given, so none is lost,
and the update is over when all that it captured is in S3. When the new one does not answer, or an alarm rings, the
endpoint stays on the old configuration. A server that died is started again by the next request. This module holds
the running servers; their records live in the registry like everything else.
"""

import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.sagemaker import endpoint_details, rolling_out, serverless
from local.sagemaker.hosting import HostingError, Server, clean_up, send_captured, serve
from local.sagemaker.machine import Machine, Threads
from local.sagemaker.resource_registry import Kind, Record, now
from local.sagemaker.watching import Watching
from local.wire.errors import ApiError

_SERVING = {"InService", "Updating", "SystemUpdating", "RollingBack"}
_LONGEST_CALL = 60.0  # seconds a request may take
_BUSY = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}


class Endpoints:
    """Creates, updates and deletes endpoints, and knows where they answer."""

    def __init__(self, machine: Machine, threads: Threads) -> None:
        self._machine = machine
        self._registry = machine.registry
        self._threads = threads
        self._servers: dict[str, Server] = {}
        self._restarting = threading.Lock()
        self._watching = Watching(machine)
        self._serverless = serverless.Serverless(machine.registry, machine.serverless, self._servers)

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateEndpoint."""
        name = request["EndpointName"]
        arn = self._registry.arn(Kind.ENDPOINT, name)
        self._serverless.admit(name, self._config(request["EndpointConfigName"]))
        begun = now()
        detail = {
            "EndpointName": name,
            "EndpointArn": arn,
            "EndpointConfigName": request["EndpointConfigName"],
            "EndpointStatus": "Creating",
            "CreationTime": begun,
            "LastModifiedTime": begun,
        }
        taken = ApiError("ValidationException", f'Cannot create already existing endpoint "{arn}".')
        record = self._registry.add(Kind.ENDPOINT, name, detail, taken=taken, tags=request.get("Tags"))
        self._threads.begin(record, self._deploy)
        return {"EndpointArn": arn}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateEndpoint."""
        record = self._find(request["EndpointName"])
        config, deployment = self._config(request["EndpointConfigName"]), request.get("DeploymentConfig")
        if deployment and (model := self._registry.find(Kind.MODEL, config["ProductionVariants"][0]["ModelName"])):
            self._watching.check(model.detail, config, deployment)
        self._serverless.admit(record.name, config, record.hidden.get("config"), deployment)
        with self._registry.lock:
            if record.detail["EndpointStatus"] in _BUSY:
                raise ApiError("ValidationException", f'Cannot update in-progress endpoint "{record.arn}".')
            record.detail["EndpointStatus"] = "Updating"
            record.hidden |= {"next": request["EndpointConfigName"], "deployment": deployment}
        summary = rolling_out.pending(config, now(), "Creating")
        self._registry.change(record, FailureReason=None, PendingDeploymentSummary=summary)
        self._threads.begin(record, self._replace)
        return {"EndpointArn": record.arn}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteEndpoint."""
        record = self._find(request["EndpointName"])
        with self._registry.lock:
            if record.detail["EndpointStatus"] in _BUSY:
                raise ApiError("ValidationException", f'Cannot update in-progress endpoint "{record.arn}".')
            record.detail["EndpointStatus"] = "Deleting"
        self._registry.change(record)
        self._threads.begin(record, self._remove)
        return {}

    def weigh(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateEndpointWeightsAndCapacities: recorded; one machine has no more capacity to give."""
        record = self._find(request["EndpointName"])
        with self._registry.lock:
            if record.detail["EndpointStatus"] != "InService":
                raise ApiError("ValidationException", f'Cannot update in-progress endpoint "{record.arn}".')
            variants = endpoint_details.weighed(record.detail["ProductionVariants"], request)
        self._registry.change(record, ProductionVariants=variants)
        return {"EndpointArn": record.arn}

    def address(self, name: str) -> tuple[str, int]:
        """Host and port. Raises ApiError with the runtime's own code, ValidationError, for what does not serve."""
        return "127.0.0.1", self._server(name).port

    @contextmanager
    def calling(self, name: str, size: int = 0) -> Iterator[tuple[str, int]]:
        """Host and port of a server that is not ended as long as it is called, by a request of `size` bytes. Raises as
        `address` does, and where a serverless endpoint takes no more."""
        while True:
            before = self._server(name)
            server = self._watching.next_server(name, before)
            with self._registry.lock:
                if self._servers.get(name) is before and server.takes(size):  # and not switched or given up since
                    break
        try:
            yield "127.0.0.1", server.port
        finally:
            server.calls.end()

    def answered(self, name: str, port: int, status: int, seconds: float) -> None:
        """A request was answered with this status, by whoever listens on this port."""
        here = self._servers.get(name)
        server = here if here and here.port == port else self._watching.by_port(name, port)
        if server is not None:
            server.traffic.note(status, seconds)

    def asked(self, name: str, since: float) -> int:
        """How many requests the server in service has answered since a moment of the monotonic clock."""
        server = self._servers.get(name)
        return len(server.traffic.since(since)) if server else 0

    def _server(self, name: str) -> Server:
        record = self._registry.find(Kind.ENDPOINT, name)
        if record is None:
            raise ApiError("ValidationError", f"Endpoint {name} of account {self._registry.account} not found.")
        server = self._servers.get(name)
        if record.detail["EndpointStatus"] not in _SERVING or server is None:
            raise ApiError("ValidationError", f"Endpoint {name} of account {self._registry.account} is not in service.")
        if not server.alive:
            server = self._again(record)
        return server

    def resume(self) -> None:
        """After a restart: serve again what served, finish what was being deleted and what was cut off."""
        for left in (self._machine.directory / "endpoints").glob("*/*"):
            self._clean_up_after_kill(left)
        for record in self._registry.all(Kind.ENDPOINT):
            status = record.detail["EndpointStatus"]
            if status == "Deleting":
                self._registry.remove(record)
            elif status in _SERVING | {"Creating"}:
                self._registry.change(record, EndpointStatus="Creating" if status == "Creating" else "SystemUpdating")
                self._threads.begin(record, self._deploy)

    def close(self) -> None:
        """End every server, all at the same time."""
        self._serverless.close()
        with self._registry.lock:
            servers = dict(self._servers)
            self._servers.clear()
        for server in servers.values():
            server.process.signal(signal.SIGTERM)
        for name, server in servers.items():
            self._end(name, server)

    def _clean_up_after_kill(self, directory: Path) -> None:
        """Do for a server that died with its cloud what is done at every other's end."""
        record = self._registry.find(Kind.ENDPOINT, directory.parent.name)
        if record is None or "model" not in record.hidden:
            shutil.rmtree(directory, ignore_errors=True)
            return
        try:
            clean_up(directory, self._machine.assumed(record.hidden["model"]["ExecutionRoleArn"]).objects)
        except ApiError as error:
            print(f"captured data in {directory} was not sent to S3: {error}", file=sys.stderr)

    def _find(self, name: str) -> Record:
        record = self._registry.find(Kind.ENDPOINT, name)
        if record is None:
            raise ApiError(
                "ValidationException", f'Could not find endpoint "{self._registry.arn(Kind.ENDPOINT, name)}".'
            )
        return record

    def _config(self, name: str) -> dict[str, Any]:
        config = self._registry.find(Kind.CONFIG, name)
        if config is None:
            arn = self._registry.arn(Kind.CONFIG, name)
            raise ApiError("ValidationException", f'Could not find endpoint configuration "{arn}".')
        return config.detail

    def _model(self, config: dict[str, Any]) -> dict[str, Any]:
        """What a configuration serves. Raises HostingError."""
        model = self._registry.find(Kind.MODEL, config["ProductionVariants"][0]["ModelName"])
        if model is None:
            raise HostingError(f"Could not find model {config['ProductionVariants'][0]['ModelName']}.")
        if refused := serverless.late_refusal(config, self._machine.serverless):
            raise HostingError(refused)
        return model.detail

    def _deploy(self, record: Record, stop: threading.Event) -> None:
        """From Creating (or a restart) to InService or Failed."""
        try:
            config = record.hidden.get("config") or self._config(record.detail["EndpointConfigName"])
            model = record.hidden.get("model") or self._model(config)
            server = serve(self._machine, record.name, model, config)
        except (HostingError, ApiError, OSError) as error:
            self._registry.change(record, EndpointStatus="Failed", FailureReason=str(error)[:1024])
            return
        self._take_over(record, server, model, config, stop)

    def _replace(self, record: Record, stop: threading.Event) -> None:
        """From Updating to InService with the new configuration, or back to the old one."""
        config = self._config(record.hidden["next"])
        try:
            model = self._model(config)
            server = serve(self._machine, record.name, model, config)
        except (HostingError, OSError) as error:
            self._fall_back(record, str(error))
            return
        is_first = record.name not in self._servers  # there is nothing to take over from
        if not is_first and (why := self._watching.bakes(record, server, model, config, stop)):
            self._fall_back(record, why)
            self._retire(record.name, server)
            return
        self._take_over(record, server, model, config, stop)
        if record.hidden.get("deployment"):
            self._registry.change(record, announce=False, LastDeploymentConfig=record.hidden["deployment"])

    def _fall_back(self, record: Record, why: str) -> None:
        """The update failed: what served before goes on, if anything did."""
        failed: dict[str, Any] = {"FailureReason": why[:1024], "PendingDeploymentSummary": None}
        if record.name not in self._servers:
            self._registry.change(record, EndpointStatus="Failed", **failed)
            return
        self._registry.change(record, EndpointStatus="RollingBack")
        self._registry.announce(record, "endpoint-deployment")
        self._registry.change(record, EndpointStatus="InService", **failed)

    def _take_over(
        self, record: Record, server: Server, model: dict[str, Any], config: dict[str, Any], stop: threading.Event
    ) -> None:
        """From now on this server answers; the one before ends. What it is made of is kept: AWS lets go of neither
        model nor configuration when they are deleted."""
        with self._registry.lock:
            record.hidden |= {"model": model, "config": config}
            old, self._servers[record.name] = self._servers.get(record.name), server
        if old is not None:
            self._retire(record.name, old)
        if stop.is_set():  # the cloud closed in the meantime
            server.stop()
            return
        self._registry.change(
            record,
            EndpointConfigName=config["EndpointConfigName"],
            EndpointStatus="InService",
            ProductionVariants=[endpoint_details.variant(config, model)],
            DataCaptureConfig=endpoint_details.capture(config),
            PendingDeploymentSummary=None,
        )

    def _again(self, record: Record) -> Server:
        """A server that died is replaced while the request waits, as SageMaker restarts a container."""
        with self._restarting:
            server = self._servers[record.name]
            if not server.alive:
                self._retire(record.name, server)
                try:
                    server = serve(self._machine, record.name, record.hidden["model"], record.hidden["config"])
                except HostingError as error:
                    raise ApiError("ServiceUnavailable", str(error), 503) from error
                with self._registry.lock:
                    self._servers[record.name] = server
            return server

    def _remove(self, record: Record, _: threading.Event) -> None:
        with self._registry.lock:
            server = self._servers.pop(record.name, None)
        if server is not None:
            self._retire(record.name, server)
        self._registry.remove(record)

    def _retire(self, name: str, server: Server) -> None:
        """End a server to which no new requests go any more."""
        if server.alive:
            server.calls.wait_for_none(_LONGEST_CALL)
        self._end(name, server)

    def _end(self, name: str, server: Server) -> None:
        server.stop()
        send_captured(server.directory, server.objects)
        group = f"/aws/sagemaker/Endpoints/{name}"
        self._machine.logs.ship(
            group, server.stream, server.log, then=lambda: clean_up(server.directory, server.objects)
        )
