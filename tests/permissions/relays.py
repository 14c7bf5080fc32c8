"""Relays that between them make every call the functions can make: canned jobs, everything else as it is.

Canned work computes nothing and asks nothing; what the jobs' own code asks for is asked by that code, over the clients
that jobs have.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from chalicelib import one_container
from chalicelib.aws.store import Store
from chalicelib.names import RunKeys
from jobs.capture.fetch import fetched
from jobs.capture.recent import recent
from jobs.tables.fetch import fetch
from local import stack
from local.cloud import EmbeddedCloud
from local.sagemaker.objects import client
from tests.permissions.repeats import again
from tests.scale.canned import CannedWork, Ended, Serving
from tests.scale.figures import MINIMUM, Figures

TIMEOUT = 60.0
_GOOD = sorted((one for one in map(Figures, range(1, 60)) if one.kind == "promoted"), key=lambda one: one.auc)
FIRST, SECOND, THIRD = _GOOD[0], _GOOD[len(_GOOD) // 2], _GOOD[-1]  # each better than the one before
POOR, BROKEN = Figures(2), Figures(9)  # rejected; settings that cannot be used
UNTUNED = f"target: churned\nalgorithm: xgboost\ntuning: {{enabled: false}}\ngate: {{minimum: {MINIMUM}}}\n"
ANSWERS = "answers"
TRAINING = "local.containers.xgboost.training"
LINEAR = UNTUNED.replace("xgboost", "linear-learner")
NEVER_LIVE = "unborn"
"""The dataset whose live endpoint cannot be started: its first model fails after it was to be promoted."""
TUNED = f"target: churned\ntuning: {{trials: 2, parallel: 2, ranges: {{max_depth: {{min: 2, max: 4}}}}}}\n\
gate: {{minimum: {MINIMUM}}}\nmonitoring: {{schedule: hourly, min_labels: 50}}\nendpoint: {{mode: realtime}}\n"
BY_HAND = (
    f"target: churned\nalgorithm: auto\ntuning: {{enabled: false}}\ngate: {{minimum: {MINIMUM}, approval: manual}}\n"
)
BY_REQUEST = f"target: churned\ntuning: {{enabled: false}}\ngate: {{minimum: {MINIMUM}}}\n"
"""Served by a serverless endpoint, as what says nothing is."""
OWN_SCRIPT = (
    f"target: churned\nalgorithm: {{script: train.py}}\ntuning: {{enabled: false}}\ngate: {{minimum: {MINIMUM}}}\n"
)
SCALED = "endpoint: {mode: realtime, scaling: {max: 2, invocations_per_minute: 60}}\n"
BY_THE_HOUR = UNTUNED + "endpoint: {mode: realtime}\n"
IN_BATCH = UNTUNED + "endpoint: {mode: batch}\n"
CAPTURED = "capture/sagerelay-{}/AllTraffic/{:%Y/%m/%d/%H}/x.jsonl"


class Answering(BaseHTTPRequestHandler):
    """An endpoint that says "no" to everything, unless `endless` has it wait."""

    def __init__(self, endless: set[str], *args: Any) -> None:
        self._endless = endless
        super().__init__(*args)

    def do_POST(self) -> None:
        while ANSWERS in self._endless:
            time.sleep(0.02)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"no")

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Work(CannedWork):
    """Checks too: jobs that end without a result, which mails tell of. Endpoints answer, evaluations ask them."""

    def __init__(self) -> None:
        super().__init__()
        self.unwell: set[str] = set()
        """Datasets whose endpoints do not come to serve another model."""
        self.endless: set[str] = set()
        """Commands that go on until they are told to stop; and `ANSWERS`, which models give as soon as it is gone."""
        self._answering = ThreadingHTTPServer(("127.0.0.1", 0), partial(Answering, self.endless))
        threading.Thread(target=self._answering.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._answering.shutdown()
        self._answering.server_close()

    def run(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Ended | Serving:
        if argv[0] in self.endless:
            return Serving()
        if argv[0] in {"jobs.drift", "jobs.ground_truth", "jobs.evaluate.uploaded", "jobs.score"}:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text("nothing to say\n")
            for output in {"--output", "--result"} & set(argv):
                Path(argv[argv.index(output) + 1], "note.txt").write_text("done")
            if "--ask" in argv:
                Path(argv[argv.index("--ask") + 1], "00000.csv").write_text("1,2\n")
            if "--answered" in argv:
                (answer,) = Path(argv[argv.index("--answered") + 1]).rglob("*.out")
                assert answer.read_bytes() == b"no"
            return Ended(0)
        if argv[0] == "jobs.evaluate":
            self._ask(json.loads(Path(argv[argv.index("--context") + 1]).read_text()), environment, argv)
        if argv[0] == "local.serving" and self._cannot_serve(Path(argv[argv.index("--config") + 1])):
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text("no\n")
            return Ended(1)
        begun = super().run(argv, environment=environment, directory=directory, log=log)
        if argv[0] == "local.serving":
            settings = json.loads(Path(argv[argv.index("--config") + 1]).read_text())
            Path(settings["ready_file"]).write_text(json.dumps({"port": self._answering.server_address[1]}))
            log.write_text("serving\n")
        return begun

    def _cannot_serve(self, config: Path) -> bool:
        endpoint: str = json.loads(config.read_text())["endpoint"]
        return endpoint in {f"{stack.STACK}-{dataset}" for dataset in (NEVER_LIVE, *self.unwell)}

    def _ask(self, context: dict[str, Any], environment: dict[str, str], argv: list[str]) -> None:
        """The candidate, and the live endpoint if there is one, as jobs.evaluate asks them, where no transform has."""
        for answered in {"--answered", "--answered-live"} & set(argv):
            assert Path(argv[argv.index(answered) + 1], "00000.csv.out").read_bytes() == b"no"
        if "--answered" in argv:
            return
        runtime = client("sagemaker-runtime", endpoint_url=environment["AWS_ENDPOINT_URL"], environment=environment)
        live = [context["live"]["endpoint"]] if context["live"] else []
        for endpoint in [context["endpoint"], *live]:
            answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=b"1,2")
            assert answer["Body"].read() == b"no"
        runtime.close()


class Owner:
    """Somebody with datasets in the embedded cloud."""

    def __init__(self, cloud: EmbeddedCloud) -> None:
        self.cloud = cloud

    def puts(self, key: str, body: str | bytes) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.cloud.client("s3").put_object(Bucket=self.cloud.bucket, Key=key, Body=content)

    def drops(self, dataset: str, figures: Figures, settings: str | None = None) -> None:
        if settings is not None:
            self.puts(f"datasets/{dataset}/relay.yaml", settings)
        self.puts(f"datasets/{dataset}/train/data.csv", figures.text())

    def is_told(self, dataset: str, *kinds: str) -> None:
        """Waits for these mails about a dataset, in this order, and that its runs are at rest."""
        self.waits(lambda: self.kinds(dataset) == list(kinds), f"{dataset}: {kinds}")

    def kinds(self, dataset: str) -> list[str]:
        return [mail.attributes["kind"] for mail in self.cloud.mailbox.mails if mail.attributes["dataset"] == dataset]

    def rests(self) -> None:
        store = Store(self.cloud.client("dynamodb"), self.cloud.table)
        self.waits(lambda: self.cloud.bus.idle() and {kind for kind, _ in store.open_records()} <= {"watch"}, "a rest")

    def waits(self, is_so: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not is_so():
            mails = [(mail.subject, mail.body) for mail in self.cloud.mailbox.mails]
            assert time.monotonic() < deadline, f"never: {what}; mails: {mails}"
            time.sleep(0.05)

    def decides(self, dataset: str, status: str) -> None:
        sagemaker = self.cloud.client("sagemaker")
        group = f"sagerelay-{dataset}"
        listed = sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
        sagemaker.update_model_package(ModelPackageArn=listed[0]["ModelPackageArn"], ModelApprovalStatus=status)

    def asks_for_a_check(self, dataset: str, **detail: str) -> None:
        entry = {"Source": "sagerelay", "DetailType": "Check Requested"}
        document = json.dumps({"dataset": dataset, **detail})
        answer = self.cloud.client("events").put_events(Entries=[{**entry, "Detail": document}])
        assert answer["FailedEntryCount"] == 0


def unpack(s3: Any, bucket: str, run: str) -> None:
    """A model in service as releases left it that packed none: an archive that cannot answer by itself."""
    key = RunKeys(run).context
    context = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    folder = f"{RunKeys(run).training}/{run}-train-1/output"
    context["model_artifact"] = context["model_artifact"].replace(one_container.folder(run), folder)
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(context).encode())


def run_all(owner: Owner, now: datetime) -> None:
    """Everything that happens to datasets, once."""
    cloud = owner.cloud
    owner.drops("many", FIRST, TUNED)
    owner.drops("hand", FIRST, BY_HAND + SCALED)
    owner.drops("declined", FIRST, BY_HAND)
    owner.drops("poor", POOR, LINEAR)
    owner.drops(NEVER_LIVE, FIRST, BY_THE_HOUR)
    owner.drops("files", FIRST, BY_REQUEST)
    owner.puts("datasets/own/code/train.py", "")
    owner.drops("own", FIRST, OWN_SCRIPT)  # under a role of its own
    owner.is_told("own", "promoted")
    owner.is_told("files", "promoted")
    owner.is_told("many", "promoted")
    owner.is_told("poor", "rejected")
    owner.is_told("declined", "approval-needed")
    owner.is_told("hand", "approval-needed")
    owner.is_told(NEVER_LIVE, "failed")

    owner.decides("declined", "Rejected")
    owner.drops("hand", SECOND)  # supersedes what waits
    owner.drops("many", SECOND)
    owner.drops("files", SECOND, IN_BATCH)  # its endpoint goes, and the alarms on it
    owner.is_told("files", "promoted", "promoted")
    owner.drops("files", THIRD)
    owner.is_told("files", "promoted", "promoted", "promoted")
    owner.is_told("hand", "approval-needed", "approval-needed")
    owner.decides("hand", "Approved")
    owner.is_told("hand", "approval-needed", "approval-needed", "promoted")
    owner.is_told("many", "promoted", "promoted")

    endpoint = stack.client("s3", endpoint_url=cloud.endpoint_url, identity=stack.JOBS)
    endpoint.put_object(Bucket=cloud.bucket, Key=CAPTURED.format("many", now), Body=b"{}\n")
    endpoint.close()
    owner.puts("monitoring/many/labelled.csv", FIRST.text())  # where traffic with labels to learn from would lie
    owner.puts("datasets/many/labels/june.csv", b"inference_id,label\n1/1,yes\n")
    owner.puts("datasets/many/test/june.csv", FIRST.text())
    owner.puts("datasets/many/score/june.csv", FIRST.text())
    live = Store(cloud.client("dynamodb"), cloud.table).dataset("files").live
    assert live is not None
    unpack(cloud.client("s3"), cloud.bucket, live.run)
    owner.puts("datasets/files/score/june.csv", FIRST.text())  # which only a batch transform can ask about
    for detail in ({"kind": "drift"}, {"kind": "drill", "drill": "shift"}):
        owner.asks_for_a_check("many", **detail)
    key = {"id": {"S": "sweep"}}  # as if the last one had been long ago: what is done once a day is done
    cloud.client("dynamodb").delete_item(TableName=cloud.table, Key=key)
    cloud.bus.fire("sweep")
    owner.rests()
    owner.drops("many", THIRD)  # the first model, two promotions old, goes
    owner.waits(lambda: owner.kinds("many").count("promoted") == 3, "a third model")
    owner.rests()
    again(cloud, "many", "files")
    cloud._executor.unwell.add("hand")  # type: ignore[union-attr]
    owner.drops("hand", THIRD)
    owner.waits(lambda: owner.kinds("hand").count("approval-needed") == 3, "a third question")
    owner.decides("hand", "Approved")
    owner.waits(lambda: "failed" in owner.kinds("hand"), "an update that failed")
    owner.rests()


def fail(owner: Owner) -> None:
    """A mail that cannot be sent: the function fails until its event lies with the others that failed."""
    sns = owner.cloud.client("sns")
    sns.delete_topic(TopicArn=owner.cloud.topic_arn)
    owner.drops("broken", BROKEN, BROKEN.settings.decode())
    owner.waits(lambda: owner.cloud.bus.dead_letters, "a dead letter")
    owner.cloud.bus.wait_idle(TIMEOUT)


def fetch_as_jobs(cloud: EmbeddedCloud, folder: Path, now: datetime) -> None:
    """What the jobs' own code asks S3 for: an upload as it was pinned, and captured traffic."""
    s3 = stack.client("s3", endpoint_url=cloud.endpoint_url, identity=stack.JOBS)
    user, upload, captured = cloud.client("s3"), "datasets/many/train/data.csv", CAPTURED.format("many", now)
    for key in (upload, "monitoring/many/labelled.csv"):
        version = user.head_object(Bucket=cloud.bucket, Key=key)["VersionId"]
        assert len(list(fetch(s3, cloud.bucket, [{"key": key, "version_id": version}], folder))) == 1
    listed = recent(s3, cloud.bucket, CAPTURED.format("many", now).partition("2")[0], now, now)
    assert [one["key"] for one in listed] == [captured]
    assert [part for _, part in fetched(s3, cloud.bucket, listed)] == [b"{}\n"]
    s3.close()
