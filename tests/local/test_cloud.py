"""The embedded cloud as a whole, with a tiny app; and what survives a stop, and a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import stack
from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from ops.deployment.code import Code, read_code

pytestmark = [
    pytest.mark.xdist_group("moto"),  # moto's state belongs to the whole process
    # moto leaves the buffers of copied and overwritten objects to the garbage collector
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]
REPOSITORY = Path(__file__).parents[2]
APP = """
import json, os
import boto3
from chalice.app import Chalice, Rate

app = Chalice(app_name="sagerelay")
PATTERN = {"source": ["aws.s3"], "detail": {"bucket": {"name": [os.environ.get("SAGERELAY_BUCKET", "")]},
                                            "object": {"key": [{"prefix": "datasets/"}]}}}

@app.on_cw_event(PATTERN)
def on_upload(event):
    described = event.detail["object"]
    print("uploaded", described["key"])
    if described["key"].endswith("broken"):
        raise ValueError("cannot read it")
    assert described["version-id"]
    found = boto3.client("s3").get_object(Bucket=os.environ["SAGERELAY_BUCKET"], Key=described["key"])
    body = found["Body"].read().decode()
    boto3.client("dynamodb").put_item(TableName=os.environ["SAGERELAY_TABLE"], Item={
        "id": {"S": described["key"]}, "open": {"S": "yes"}, "n": {"N": "1.5"}, "b": {"B": b"\\x00\\xff"},
        "m": {"M": {"l": {"L": [{"BOOL": True}, {"NULL": True}, {"SS": ["x", "y"]}]}}}})
    boto3.client("sns").publish(TopicArn=os.environ["SAGERELAY_TOPIC_ARN"], Subject="got it",
        MessageStructure="json", Message=json.dumps({"default": "{}", "email": body}),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "k"}})

@app.on_cw_event({"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "code/"}]}}})
def on_code(event):
    raise AssertionError("the stack's own uploads start something")

@app.schedule(Rate(1, unit=Rate.DAYS))
def sweep(event):
    boto3.client("sns").publish(TopicArn=os.environ["SAGERELAY_TOPIC_ARN"], Message="swept")
"""
QUICK = Pace(retry_delays=(0.05, 0.05))


@pytest.fixture(scope="module")
def app_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("app")
    (root / "app.py").write_text(APP)
    (root / "chalicelib").mkdir()
    (root / "jobs" / "__pycache__").mkdir(parents=True)
    (root / "jobs" / "prepare.py").write_text("print('hello')\n")
    (root / "jobs" / "__pycache__" / "x.pyc").write_text("")
    return root


@pytest.fixture(scope="module")
def cloud(app_directory: Path) -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud(app_directory=app_directory, pace=QUICK) as cloud:
        yield cloud


def test_an_upload_reaches_the_handler_and_its_mail_the_mailbox(cloud: EmbeddedCloud) -> None:
    cloud.client("s3").put_object(Bucket=cloud.bucket, Key="datasets/grün+1/relay.yaml", Body="größer".encode())
    mail = cloud.mailbox.wait_for(lambda mail: mail.body == "größer", 120)
    assert (mail.subject, mail.attributes, mail.recipients) == ("got it", {"kind": "k"}, (stack.SUBSCRIBER,))
    cloud.bus.wait_idle(120)
    found = cloud.client("dynamodb").query(
        TableName=cloud.table, IndexName="open-index", KeyConditionExpression="#o = :y",
        ExpressionAttributeNames={"#o": "open"}, ExpressionAttributeValues={":y": {"S": "yes"}},
    )  # fmt: skip
    assert [item["id"]["S"] for item in found["Items"]] == ["datasets/grün+1/relay.yaml"]


def test_a_handler_that_fails_is_tried_three_times_and_its_event_kept(cloud: EmbeddedCloud) -> None:
    cloud.client("s3").put_object(Bucket=cloud.bucket, Key="datasets/broken", Body=b"1")
    cloud.bus.wait_idle(120)
    letter = cloud.bus.dead_letters[-1]
    assert (letter.function, letter.attempts, letter.error) == ("on_upload", 3, "ValueError: cannot read it")
    sqs = cloud.client("sqs")
    queue = sqs.get_queue_url(QueueName=stack.FUNCTION_FAILURES)["QueueUrl"]
    [message] = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"])["detail"]["object"]["key"] == "datasets/broken"
    assert message["MessageAttributes"]["FUNCTION"]["StringValue"] == "on_upload"


def test_a_functions_log_is_in_cloudwatch(cloud: EmbeddedCloud) -> None:
    cloud.client("s3").put_object(Bucket=cloud.bucket, Key="datasets/logged/relay.yaml", Body=b"1")
    cloud.bus.wait_idle(120)
    deadline, lines = time.monotonic() + 120, list[str]()
    while "uploaded datasets/logged/relay.yaml" not in lines and time.monotonic() < deadline:
        found = cloud.client("logs").filter_log_events(logGroupName="/aws/lambda/sagerelay-local-on_upload")
        lines = [event["message"] for event in found["events"]]
        time.sleep(0.05)
    assert "uploaded datasets/logged/relay.yaml" in lines


def test_the_stack_is_what_the_template_makes(cloud: EmbeddedCloud) -> None:
    s3 = cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket=cloud.bucket)["Status"] == "Enabled"
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=cloud.bucket, Prefix="code/")["Contents"]]
    assert len(keys) == 1
    assert keys[0].endswith("/jobs/prepare.py")
    assert all(letter.function != "on_code" for letter in cloud.bus.dead_letters)
    table = cloud.client("dynamodb").describe_table(TableName=cloud.table)["Table"]
    assert table["GlobalSecondaryIndexes"][0]["IndexName"] == "open-index"
    assert cloud.client("iam").get_role(RoleName=stack.JOBS.role)["Role"]["Arn"] == stack.JOBS.role_arn
    assert len({stack.USER.access_key, stack.LAMBDA.access_key, stack.JOBS.access_key}) == 3


def test_a_schedule_can_be_fired_by_hand(cloud: EmbeddedCloud) -> None:
    cloud.bus.fire("sweep")
    assert cloud.mailbox.wait_for(lambda mail: mail.body == "swept", 120)


def test_the_code_has_one_version_as_long_as_it_is_the_same(app_directory: Path) -> None:
    code = read_code(app_directory)
    assert list(code.files) == ["jobs/prepare.py"]
    assert code.prefix == read_code(app_directory).prefix
    assert code.prefix != Code({"jobs/prepare.py": b"other"}).prefix


def test_only_one_runs_in_a_process(cloud: EmbeddedCloud, app_directory: Path) -> None:
    with pytest.raises(RuntimeError, match="already runs"):
        EmbeddedCloud(app_directory=app_directory)


def start_elsewhere(directory: Path, app_directory: Path) -> tuple[subprocess.Popen[str], Any, dict[str, Any]]:
    """An embedded cloud in a process of its own, and a client's view of it."""
    program = (
        "import json, sys, threading; from pathlib import Path\n"
        "from local.cloud import EmbeddedCloud\n"
        "with EmbeddedCloud(Path(sys.argv[1]), app_directory=Path(sys.argv[2])) as cloud:\n"
        "    print(json.dumps({'url': cloud.endpoint_url, 'pids': cloud.functions.pids,\n"
        "                      'mails': [mail.body for mail in cloud.mailbox.mails]}), flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(directory), str(app_directory)],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())

    def client(service: str) -> Any:
        return stack.client(service, endpoint_url=told["url"], identity=stack.USER)

    return process, client, told


def end(process: subprocess.Popen[str], how: signal.Signals | None = None) -> None:
    """By a signal, or in good order."""
    if how is not None:
        process.send_signal(how)
        process.communicate(timeout=120)
        assert process.returncode != 0
    else:
        process.communicate("\n", timeout=120)
        assert process.returncode == 0


def has_ended(pid: int, within: float = 60) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True  # ended; nobody in this container reaps orphans
        time.sleep(0.05)
    return False


def test_all_survives_a_stop_a_kill_and_an_interrupt_and_no_child_does(tmp_path: Path, app_directory: Path) -> None:
    process, client, _ = start_elsewhere(tmp_path, app_directory)
    s3 = client("s3")
    first = s3.put_object(
        Bucket=stack.BUCKET, Key="runs/a b+ü", Body=b"1", Metadata={"who": "me"}, ContentType="text/csv"
    )
    second = s3.put_object(Bucket=stack.BUCKET, Key="runs/a b+ü", Body=b"22", Tagging="t=1")
    s3.put_object(Bucket=stack.BUCKET, Key="gone", Body=b"3")
    marker = s3.delete_object(Bucket=stack.BUCKET, Key="gone")["VersionId"]
    s3.create_bucket(Bucket="another")
    s3.put_object(Bucket="another", Key="k", Body=b"4")
    s3.put_object(Bucket=stack.BUCKET, Key="datasets/x/relay.yaml", Body=b"mailed")
    modified = s3.head_object(Bucket=stack.BUCKET, Key="runs/a b+ü")["LastModified"]
    dynamodb = client("dynamodb")
    deadline = time.monotonic() + 120
    while not dynamodb.scan(TableName=stack.TABLE)["Items"] and time.monotonic() < deadline:
        time.sleep(0.05)
    item = dynamodb.get_item(TableName=stack.TABLE, Key={"id": {"S": "datasets/x/relay.yaml"}})["Item"]
    time.sleep(0.5)  # the mail follows the item
    end(process)

    for how in (signal.SIGKILL, signal.SIGINT):
        process, client, told = start_elsewhere(tmp_path, app_directory)
        s3, dynamodb = client("s3"), client("dynamodb")
        assert told["mails"] == ["mailed"]
        assert dynamodb.get_item(TableName=stack.TABLE, Key={"id": {"S": "datasets/x/relay.yaml"}})["Item"] == item
        read = s3.get_object(Bucket=stack.BUCKET, Key="runs/a b+ü", VersionId=first["VersionId"])
        assert (read["Body"].read(), read["ETag"], read["Metadata"], read["ContentType"]) == (
            b"1", first["ETag"], {"who": "me"}, "text/csv",
        )  # fmt: skip
        latest = s3.get_object(Bucket=stack.BUCKET, Key="runs/a b+ü", IfMatch=second["ETag"])
        assert (latest["Body"].read(), latest["VersionId"]) == (b"22", second["VersionId"])
        assert latest["LastModified"] == modified
        assert latest["TagCount"] == 1
        listed = s3.list_object_versions(Bucket=stack.BUCKET, Prefix="gone")
        assert [found["VersionId"] for found in listed["DeleteMarkers"]] == [marker]
        assert s3.get_object(Bucket="another", Key="k")["Body"].read() == b"4"
        if how is signal.SIGKILL:
            late = s3.put_object(Bucket=stack.BUCKET, Key="late", Body=b"5")["VersionId"]
            time.sleep(3)
        else:
            assert s3.head_object(Bucket=stack.BUCKET, Key="late")["VersionId"] == late
        end(process, how)
        assert all(has_ended(pid) for pid in told["pids"])


def test_the_environment_it_names_is_enough_for_a_client(cloud: EmbeddedCloud) -> None:
    program = "import boto3; print(boto3.client('s3').list_buckets()['Buckets'][0]['Name'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**cloud.environment, "HOME": "/nonexistent"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == cloud.bucket
