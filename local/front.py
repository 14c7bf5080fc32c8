"""The one address at which everything answers: moto, our SageMaker, endpoint invocations, and what S3 and SNS set off.

One address, because `aws --endpoint-url`, AWS_ENDPOINT_URL and the sagemaker SDK know only one. It must not hold state
or decide anything about a relay: it routes a request, and tells the bus and the mailbox what has happened, after it
has. What AWS would refuse and moto lets pass is refused here, so that a mistake shows on the laptop and
not in the account.
"""

import json
import re
import traceback
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import create_environ, run_wsgi_app
from werkzeug.wrappers import Request as FormRequest

from local import mailbox, pages
from local.control_plane import ControlPlane
from local.events import envelopes, put_events
from local.figures import EndpointFigures
from local.invocations import Invocations
from local.moto_versions import mend_objects
from local.offer import offered
from local.permissions.guard import Guard
from local.permissions.identity import Identity
from local.sagemaker import tagged
from local.wire import answers
from local.wire.errors import ApiError
from local.wire.http_server import Answer, Request
from local.wire.shapes import validated

_FIGURES = ("GraniteServiceVersion20100801.GetMetric", "GraniteServiceVersion20100801.ListMetrics")
_INVOCATION = re.compile(r"/endpoints/([^/]+)/(async-)?invocations")
_NOTIFICATIONS_END = re.compile(rb"(?:/>|>\s*</NotificationConfiguration>)\s*\Z")
_WITH_EVENT_BRIDGE = b"><EventBridgeConfiguration/></NotificationConfiguration>"
_SIGNED_AS = "AWS4-HMAC-SHA256 Credential=SAGERELAYLOCALFRONT0/20260101/{region}/{service}/aws4_request"


_Plane = Callable[[str, dict[str, Any]], dict[str, Any]]


class FrontDoor:
    """Routes every request; `answer` is what the HTTP server calls.

    `emit(envelope)`: the event bus. `deliver(publication, message id)`: the mailbox. `guard`: who refuses what the
    policies do not allow; None lets everybody do everything. `shown`: the bucket whose pages browsers may look at.
    """

    def __init__(
        self,
        sagemaker: ControlPlane,
        *,
        region: str,
        account: str,
        emit: Callable[[envelopes.Envelope], None],
        deliver: Callable[[mailbox.Publication, str], None],
        guard: Guard | None = None,
        identity: Identity | None = None,
        services: Mapping[str, str] = offered.SERVICES,
        shown: str = "",
    ) -> None:
        self._sagemaker = sagemaker
        self._services = services
        self._guard, self._identity, self._shown = guard, identity, shown
        self._region, self._account = region, account
        self._emit, self._deliver = emit, deliver
        mend_objects()
        self._moto = DomainDispatcherApplication(create_backend_app)
        # moto looks into its folder and through 200 patterns for the service of a host, twice in each request.
        self._moto.get_backend_for_host = lru_cache(1_000)(self._moto.get_backend_for_host)  # type: ignore[method-assign]
        self._figures = EndpointFigures(account, region)
        self._invocations = Invocations(sagemaker.calling, self._invoked)
        self._sequencer = envelopes.Sequencer()
        self._announcing: set[str] = set()  # buckets with EventBridge notifications on

    def answer(self, request: Request) -> Answer:
        """One request, one answer; never raises for what a client did wrong."""
        if (page := pages.asked_for(request)) is not None:
            return pages.shown(page, lambda key: self._own_s3("GET", f"/{self._shown}/{key}"))
        if self._guard is None:
            return self._answered(request)
        return self._guard.refusal(request) or self._guard.about_missing(request, self._answered(request))

    def _answered(self, request: Request) -> Answer:
        target = request.header("X-Amz-Target") or ""
        service, _, operation = target.partition(".")
        if service == "SageMaker" and operation in self._sagemaker.OPERATIONS:
            return self._control(self._sagemaker.call, operation, request)
        if service == "AnyScaleFrontendService":
            return self._control(self._sagemaker.scaling, operation, request)
        if request.method == "POST" and (match := _INVOCATION.fullmatch(request.path)):
            return self._invoke(match[1], request, at_once=match[2] is None)
        if refused := offered.refusal(request, self._services):
            return refused
        if target == "AWSEvents.PutEvents":
            return self._put_events(request)
        if target == "ResourceGroupsTaggingAPI_20170126.GetResources":
            return self._find_by_tag(request)
        if target.startswith(_FIGURES):
            self._figures.publish()
        if target:
            return self._ask_moto(request)
        return self._query_or_s3(request)

    def reset(self) -> None:
        """Empties moto, which keeps its state for the whole process."""
        self._ask_moto(self._own_request("POST", "/moto-api/reset", "moto"))
        self._announcing.clear()

    def close(self) -> None:
        self._invocations.close()

    # SageMaker

    def _control(self, plane: _Plane, operation: str, request: Request) -> Answer:
        try:
            return answers.document(200, plane(operation, offered.content(request)))
        except ApiError as error:
            return answers.json_error(error)

    def _invoke(self, endpoint: str, request: Request, *, at_once: bool) -> Answer:
        try:
            return self._invocations.invoke(endpoint, request) if at_once else self._invocations.put_off(endpoint)
        except ApiError as error:
            return answers.json_error(error, "Message")

    def _invoked(self, endpoint: str, port: int, status: int, seconds: float) -> None:
        self._figures.note(endpoint, status, seconds)
        self._sagemaker.answered(endpoint, port, status, seconds)

    # The tagging API

    def _find_by_tag(self, request: Request) -> Answer:
        """SageMaker's things by their tags, and before them whatever else moto knows of."""
        try:
            asked = validated("resourcegroupstaggingapi", "GetResources", offered.content(request))
            others = self._others_by_tag(request, asked) if tagged.concerns_others(asked) else []
            ours = tagged.found(asked, self._sagemaker.tagged())
            return answers.document(200, tagged.page(asked, [*others, *ours]))
        except ApiError as error:
            return answers.json_error(error, "Message")

    def _others_by_tag(self, request: Request, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All pages of moto's answer."""
        whole: dict[str, Any] = {name: value for name, value in asked.items() if name not in tagged.PAGING}
        found: list[dict[str, Any]] = []
        while True:
            answer = json.loads(self._ask_moto(Request(request.environ, json.dumps(whole).encode())).body)
            found += answer["ResourceTagMappingList"]
            if not (token := answer.get("PaginationToken")):
                return found
            whole["PaginationToken"] = token

    # EventBridge

    def _put_events(self, request: Request) -> Answer:
        """A client's own events; those AWS would take go to moto's rules and to our bus."""
        try:
            entries: Any = offered.content(request).get("Entries")
            verdicts = put_events.judge(entries)
        except ApiError as error:
            return answers.json_error(error)
        taken = [entry for entry, refused in zip(entries, verdicts, strict=True) if refused is None]
        results: list[dict[str, Any]] = []
        if taken:
            answer = self._ask_moto(Request(request.environ, json.dumps({"Entries": taken}).encode()))
            if not answer.succeeded:
                return answer
            results = json.loads(answer.body)["Entries"]
        for entry, result in zip(taken, results, strict=True):
            if put_events.is_for_default_bus(entry):
                self._emit(put_events.event(entry, result["EventId"], account=self._account, region=self._region))
        given = iter(results)
        told = [next(given) if refused is None else refused.result() for refused in verdicts]
        return answers.document(200, {"FailedEntryCount": len(verdicts) - len(taken), "Entries": told})

    # The services without a target header: the query protocol (SNS, SQS, IAM ...) and S3

    def _query_or_s3(self, request: Request) -> Answer:
        service = getattr(self._moto.get_application(request.wsgi_environ()), "service", None)
        if service == "s3":
            return self._s3(request)
        if service == "sns":
            return self._sns(request)
        if service in {"iam", "sts"} and self._identity and (answer := self._identity.answer(request)):
            return answer
        return self._ask_moto(request)

    def _sns(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        if form.get("Action") != "Publish":
            return self._ask_moto(request)
        asked = mailbox.publication(form)
        try:
            mailbox.check(asked)
        except ApiError as error:
            return answers.query_error(error)
        answer = self._ask_moto(request)
        if answer.succeeded and asked.topic_arn:
            message_id = re.search(rb"<MessageId>([^<]+)</MessageId>", answer.body)
            self._deliver(asked, message_id[1].decode() if message_id else str(uuid.uuid4()))
        return answer

    def _s3(self, request: Request) -> Answer:
        headers = {name: request.header(name) for name in ("x-amz-copy-source", "content-type")}
        present = {name: value for name, value in headers.items() if value is not None}
        reason = envelopes.creation_reason(request.method, request.path, request.query, present)
        answer = self._ask_moto(request)
        if not answer.succeeded:
            return answer
        bucket, _, key = request.path.lstrip("/").partition("/")
        if not key and "notification" in request.query:
            return self._notifications(bucket, request, answer)
        if reason is not None and bucket in self._announcing:
            self._created(bucket, key or _form_key(request), reason, request, answer)
        return answer

    def _created(self, bucket: str, key: str, reason: str, request: Request, answer: Answer) -> None:
        version = answer.header_map.get("x-amz-version-id")
        query = f"?versionId={quote(version)}" if version else ""
        head = self._own_s3("HEAD", f"/{bucket}/{quote(key)}{query}").header_map
        if "etag" not in head:
            return  # overwritten and deleted in between: S3 may then send nothing either
        created = envelopes.ObjectCreated(
            bucket=bucket,
            key=key,
            size=int(head.get("content-length", "0")),
            etag=head["etag"].strip('"'),
            version_id=head.get("x-amz-version-id"),
            reason=reason,
        )
        self._emit(
            envelopes.object_created(
                created,
                sequencer=self._sequencer.next(),
                account=self._account,
                region=self._region,
                request_id=answer.header_map.get("x-amzn-requestid", str(uuid.uuid4())),
                source_ip=request.environ.get("REMOTE_ADDR", "127.0.0.1"),
            )
        )

    def _notifications(self, bucket: str, request: Request, answer: Answer) -> Answer:
        """Remembers who wants events, and says so: moto takes EventBridgeConfiguration, but does not give it back."""
        if request.method == "GET" and bucket in self._announcing:
            body = _NOTIFICATIONS_END.sub(_WITH_EVENT_BRIDGE, answer.body)
            return Answer(answer.status, (("Content-Type", "application/xml"),), body)
        if request.method == "PUT" and b"EventBridgeConfiguration" in request.body:
            self._announcing.add(bucket)
        elif request.method == "PUT":
            self._announcing.discard(bucket)
        return answer

    # moto

    def _own_s3(self, method: str, path: str) -> Answer:
        return self._ask_moto(self._own_request(method, path, "s3"))

    def _own_request(self, method: str, path: str, service: str) -> Request:
        # Signed, because moto otherwise guesses the service from the bucket's name (a_b: service a in region b).
        credential = _SIGNED_AS.format(region=self._region, service=service)
        return Request(create_environ(path, method=method, headers={"Authorization": credential}), b"")

    def _ask_moto(self, request: Request) -> Answer:
        try:
            chunks, status, headers = run_wsgi_app(self._moto, request.wsgi_environ(), buffered=True)
        except Exception as error:  # noqa: BLE001 - whatever moto falls over has an answer in the protocol's form
            if explanation := offered.explained(request, error):
                return explanation
            traceback.print_exc()
            return offered.failure(request, error)
        return Answer(int(status.split(None, 1)[0]), tuple(headers.items()), b"".join(chunks))


def _form_key(request: Request) -> str:
    """The key of a browser's form upload; `${filename}` stands for the file's name."""
    form = FormRequest(request.wsgi_environ())
    upload = form.files.get("file")
    return form.form.get("key", "").replace("${filename}", (upload.filename or "") if upload else "")
