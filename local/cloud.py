"""The embedded cloud: every part of it, started in the right order and ended in the reverse one.

It must not do anything itself: what a part does stands in its own module. Only one can run in a process, because
moto keeps its state for the whole process. The functions' processes import `app` while moto is imported here: that is
what makes the start short.
"""

import contextlib
import json
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from local import directory as directories
from local import stack
from local.events.delivery import DeadLetter, Pace
from local.events.faults import Faults
from local.functions.logs import FunctionLogs
from local.functions.pool import Functions
from local.mailbox import Mailbox, Publication
from ops.deployment.code import Code, read_code

if TYPE_CHECKING:
    from local.permissions.guard import Witness
    from local.sagemaker.processes import Executor
    from local.sagemaker.serverless import Offer
    from local.wire.http_server import Answer, Request

_REPOSITORY = Path(__file__).parents[1]
_only = threading.Lock()


class EmbeddedCloud:
    """Started when made; a context manager that stops at its end.

    `directory`: where the state is kept, and found again by the next start; None is a temporary one. `port`: 0 is a
    free one. `executor`: what runs the commands of jobs and endpoints; None really runs them. `witness`: told of every
    permission that the functions and the jobs ask for. `further_services`: of moto's, as in `local.offer.offered`.
    `refused_objectives`: metrics that SageMaker refuses to tune for, as it may do with those its page does not list
    (`local.containers.xgboost.objectives.UNLISTED`). `refuses_lists`: whether it refuses to tune a number over a list
    of values, as it may do, too. `serverless`: what serverless endpoints the account may have. Raises OSError when the
    port is taken, RuntimeError when `app.py` cannot be imported or another embedded cloud runs in this process,
    DirectoryInUseError when one in another process holds the directory.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        port: int = 0,
        app_directory: Path = _REPOSITORY,
        faults: Faults | None = None,
        pace: Pace | None = None,
        executor: "Executor | None" = None,
        witness: "Witness | None" = None,
        further_services: Mapping[str, str] = MappingProxyType({}),
        refused_objectives: frozenset[str] = frozenset(),
        refuses_lists: bool = False,
        serverless: "Offer | None" = None,
    ) -> None:
        self._serverless = serverless
        self._refused_objectives, self._refuses_lists = refused_objectives, refuses_lists
        self._executor, self._witness, self._further_services = executor, witness, further_services
        if not _only.acquire(blocking=False):
            raise RuntimeError("an embedded cloud already runs in this process; stop it first")
        self._ending = contextlib.ExitStack()  # what has been started, to be ended in reverse
        self._ending.callback(_only.release)
        self._clients: dict[tuple[str, str], Any] = {}
        self._client_lock = threading.Lock()
        try:
            self._start(self._own(directory), port, app_directory, faults, pace)
        except BaseException:
            self._ending.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        return self._server.address

    @property
    def bucket(self) -> str:
        return stack.BUCKET

    @property
    def table(self) -> str:
        return stack.TABLE

    @property
    def topic_arn(self) -> str:
        return stack.topic_arn()

    @property
    def environment(self) -> dict[str, str]:
        """What a shell or a program exports to use this cloud."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": stack.REGION,
            "AWS_DEFAULT_REGION": stack.REGION,
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(self._sdk_settings),
            **stack.USER.environment(),
        }

    def client(self, service: str) -> Any:
        """A boto3 client for the user's identity; one a service, thread-safe."""
        return self._client(service, stack.USER)

    def _client(self, service: str, identity: stack.Identity) -> Any:
        key = (service, identity.access_key)
        with self._client_lock:
            if key not in self._clients:
                self._clients[key] = stack.client(service, endpoint_url=self.endpoint_url, identity=identity)
            return self._clients[key]

    def stop(self) -> None:
        """Saves the state and ends every server, thread and child process. May be called twice."""
        self._ending.close()

    def _own(self, directory: Path | None) -> Path:
        self._is_temporary = directory is None
        holding = directories.temporary() if directory is None else directories.held(directory)
        return self._ending.enter_context(holding)

    def _start(self, directory: Path, port: int, app_directory: Path, faults: Faults | None, pace: Pace | None) -> None:
        from local.wire.http_server import LoopbackServer  # brings moto's server with it

        self._server = LoopbackServer(self._answer, port)
        self._ending.callback(self._server.stop)
        self._sdk_settings = directory / "sagemaker-config.yaml"
        self._sdk_settings.write_text(json.dumps(stack.SDK_SETTINGS, indent=2), encoding="utf-8")  # JSON is YAML, too
        code = read_code(app_directory)
        self._start_functions(directory, app_directory, code)
        self._build(directory, faults, pace)
        self._server.start()
        self._ending.callback(self._close_clients)
        self._restore(directory, code)
        self._begin()

    def _answer(self, request: "Request") -> "Answer":
        return self._front.answer(request)  # the front door needs the parts, and they the server's address

    def _start_functions(self, directory: Path, app_directory: Path, code: Code) -> None:
        logs = FunctionLogs(directory / "logs", lambda: self._client("logs", stack.LAMBDA), lambda: self.client("logs"))
        self.functions = Functions(
            app_directory,
            directory=directory,
            environment=stack.function_environment(code, self.endpoint_url),
            region=stack.REGION,
            account=stack.ACCOUNT,
            logs=logs,
        )
        self._ending.callback(self.functions.stop)
        self._function_logs = logs
        self.functions.spawn()

    def _build(self, directory: Path, faults: Faults | None, pace: Pace | None) -> None:
        """The parts, none of them running yet. The imports are here because the functions start meanwhile."""
        from local import laptop_roles
        from local.events.bus import Bus
        from local.front import FrontDoor
        from local.offer import offered
        from local.permissions.account import offer_managed_policies
        from local.sagemaker import SageMaker
        from local.sagemaker.serverless import Offer

        principals = laptop_roles.principals()
        guard = laptop_roles.guard(principals, lambda arn: self.sagemaker.tags_of(arn), self._witness)  # noqa: PLW0108 - made below
        self.mailbox = Mailbox(directory / "mails")
        self.bus = Bus(region=stack.REGION, account=stack.ACCOUNT, bury=self._bury, faults=faults, pace=pace)
        self.sagemaker = SageMaker(
            directory=directory / "sagemaker",
            endpoint_url=self.endpoint_url,
            region=stack.REGION,
            account=stack.ACCOUNT,
            emit=self.bus.put,
            environment=stack.JOBS.environment(),
            executor=self._executor,
            roles=laptop_roles.LaptopRoles(principals, guard),
            tag_lag=pace.tag_lag if pace else 0.0,
            refused_objectives=self._refused_objectives,
            refuses_lists=self._refuses_lists,
            speed=(pace or Pace()).deployment_speed,
            serverless=self._serverless or Offer(),
        )
        self._front = FrontDoor(
            self.sagemaker,
            region=stack.REGION,
            account=stack.ACCOUNT,
            emit=self.bus.put,
            deliver=self._deliver,
            guard=guard,
            identity=laptop_roles.identity(principals),
            services={**offered.SERVICES, **self._further_services},
            shown=stack.BUCKET,
        )
        self._ending.callback(self._front.close)
        self._front.reset()
        self._ending.callback(self._front.reset)
        offer_managed_policies(stack.ACCOUNT)

    def _restore(self, directory: Path, code: Code) -> None:
        from local.moto_versions import lay
        from local.state import State

        self._state = State(
            directory / "state",
            bus=self.bus,
            sagemaker=self.sagemaker,
            mailbox=self.mailbox,
            account=stack.ACCOUNT,
            region=stack.REGION,
        )
        self._state.restore_objects()
        stack.create(self.client, code, partial(lay, stack.ACCOUNT, stack.BUCKET))
        self._state.restore_the_rest()

    def _begin(self) -> None:
        """From here on events are delivered and the state is saved; what ends first is pushed last."""
        self.functions.start()
        self._ending.callback(self._function_logs.close)
        self.bus.start(self.functions.rules, self.functions.invoke)
        if not self._is_temporary:
            self._ending.callback(self._state.save)
            self._state.start()
            self._ending.callback(self._state.stop)
        self._ending.callback(self.sagemaker.close)
        self._ending.callback(self.bus.stop)
        self._ending.callback(self.functions.stop)
        self._ending.callback(self.bus.hold)

    def _deliver(self, asked: Publication, message_id: str) -> None:
        """Mails go to whoever has subscribed to the topic by e-mail."""
        found = self.client("sns").list_subscriptions_by_topic(TopicArn=asked.topic_arn)["Subscriptions"]
        recipients = tuple(entry["Endpoint"] for entry in found if entry["Protocol"] == "email")
        self.mailbox.receive(asked, message_id=message_id, recipients=recipients)

    def _bury(self, letter: DeadLetter) -> None:
        """Puts an event that was given up into the queue AWS would put it into; a function's role does so itself."""
        to_target = letter.queue == "target"
        name = stack.TARGET_FAILURES if to_target else stack.FUNCTION_FAILURES
        sqs = self._client("sqs", stack.USER if to_target else stack.LAMBDA)
        attributes = {"FUNCTION": letter.function, "ERROR_MESSAGE": letter.error[:1000] or "unknown"}
        body = json.dumps(letter.event)
        sqs.send_message(
            QueueUrl=self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"],
            MessageBody=body if len(body) < _LARGEST_MESSAGE else json.dumps({"id": letter.event["id"], "cut": True}),
            MessageAttributes={key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()},
        )

    def _close_clients(self) -> None:
        for made in self._clients.values():
            made.close()


_LARGEST_MESSAGE = 250 * 1024  # characters; SQS takes 256 KiB with the attributes
