"""Where calls go, in every way that botocore takes an address; compared with the clients that botocore makes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ops import address
from ops.address import elsewhere
from ops.deployment.package import ROOT
from ops.deployment.preflight import ensure_on_aws
from ops.target import OpsError

LAPTOP = "http://127.0.0.1:4566"
PROFILE = f"[default]\nregion = eu-west-1\nendpoint_url = {LAPTOP}\n"
SERVICES = f"""[profile mine]
region = eu-west-1
services = local
[services local]
s3 =
  endpoint_url = {LAPTOP}
cloudformation =
  endpoint_url = {LAPTOP}
"""
CASES: dict[str, tuple[str, dict[str, str], str | None]] = {
    "nothing": ("[default]\nregion = eu-west-1\n", {}, None),
    "the variable": ("", {"AWS_ENDPOINT_URL": LAPTOP}, LAPTOP),
    "a service's variable": ("", {"AWS_ENDPOINT_URL_CLOUDFORMATION": LAPTOP}, LAPTOP),
    "a service whose name has a hyphen": ("", {"AWS_ENDPOINT_URL_SERVICE_QUOTAS": LAPTOP}, LAPTOP),
    "a service whose name is another": ("", {"AWS_ENDPOINT_URL_EVENTBRIDGE": LAPTOP}, LAPTOP),
    "the tagging service": ("", {"AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": LAPTOP}, LAPTOP),
    "a service that is not asked": ("", {"AWS_ENDPOINT_URL_ATHENA": LAPTOP}, None),
    "the profile": (PROFILE, {}, LAPTOP),
    "another profile": (PROFILE + "[profile mine]\nregion = eu-west-1\n", {"AWS_PROFILE": "mine"}, None),
    "a profile that is named": (SERVICES, {"AWS_PROFILE": "mine"}, LAPTOP),
    "a profile that is named in the old way": (SERVICES, {"AWS_DEFAULT_PROFILE": "mine"}, LAPTOP),
    "a profile that is not named": (SERVICES, {}, None),
    "all is to be ignored": (PROFILE, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None),
    "all is to be ignored, says the profile": (PROFILE + "ignore_configured_endpoint_urls = true\n", {}, None),
    "nothing is to be ignored": (PROFILE, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}, LAPTOP),
    "an interface endpoint is AWS": (
        "[default]\nendpoint_url = https://vpce-1a2b.sts.eu-west-1.vpce.amazonaws.com\n",
        {"AWS_ENDPOINT_URL_S3": "https://s3.cn-north-1.amazonaws.com.cn"},
        None,
    ),
    "a name that only ends like AWS's": (
        "",
        {"AWS_ENDPOINT_URL": "https://notamazonaws.com"},
        "https://notamazonaws.com",
    ),
}
CLIENTS = """
import json, boto3
from ops.address import SERVICES
addresses = [boto3.client(name, region_name="eu-west-1").meta.endpoint_url for name in SERVICES]
print(json.dumps(addresses))
"""


def environment(folder: Path, text: str, given: dict[str, str]) -> dict[str, str]:
    (folder / "config").write_text(text)
    return {"AWS_CONFIG_FILE": str(folder / "config"), "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **given}


@pytest.mark.parametrize(("text", "given", "expected"), CASES.values(), ids=CASES)
def test_an_address_is_found_wherever_it_is_configured(
    text: str, given: dict[str, str], expected: str | None, tmp_path: Path
) -> None:
    found = elsewhere(environment(tmp_path, text, given))
    assert (found or "").partition(" ")[0] == (expected or "")


def test_a_deployment_is_refused_with_the_address_and_its_source(tmp_path: Path) -> None:
    ensure_on_aws(environment(tmp_path, "", {}))
    with pytest.raises(OpsError, match=r"127\.0\.0\.1:4566 \(endpoint_url for .* in .*config\)"):
        ensure_on_aws(environment(tmp_path, PROFILE, {}))
    with pytest.raises(OpsError, match=r"127\.0\.0\.1:4566 \(AWS_ENDPOINT_URL_SQS\)"):
        ensure_on_aws(environment(tmp_path, "", {"AWS_ENDPOINT_URL_SQS": LAPTOP}))


def test_the_files_of_the_home_that_is_meant_are_read_and_no_other(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(PROFILE)
    assert elsewhere({"HOME": str(tmp_path)})
    assert elsewhere({}) is None


@pytest.mark.parametrize("broken", ["[profile mine]\nservices = absent\n", "[default]\n"])
def test_a_configuration_that_no_client_can_be_made_with_is_somebody_else_s_to_tell(
    broken: str, tmp_path: Path
) -> None:
    assert elsewhere(environment(tmp_path, broken, {"AWS_PROFILE": "mine"})) is None


def test_every_service_that_a_command_asks_is_looked_at() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "ops").rglob("*.py")]
    asked = {name for text in sources for name in re.findall(r"client\(\"([a-z0-9-]+)\"\)", text)}
    assert len(asked) > 10
    assert asked <= set(address.SERVICES)


@pytest.mark.slow
@pytest.mark.parametrize(("text", "given", "expected"), CASES.values(), ids=CASES)
def test_botocore_s_own_clients_go_there(
    text: str, given: dict[str, str], expected: str | None, tmp_path: Path
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", CLIENTS], env=environment(tmp_path, text, given) | keys, cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert any(one == expected for one in found) is (expected is not None)
