"""Where this shell's calls to AWS go: to AWS, or to an embedded cloud at an address that somebody configured.

botocore takes such an address from the environment (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, ...) and from the
configuration file (`endpoint_url` of the profile, or of a service in its `services` section), and so does the AWS
command line. It is asked here in botocore's own way and not by the name of one variable: a deployment or a teardown
that ends at another place than was looked at is worse than none. An address of AWS's own, as of an interface endpoint
in a VPC, is AWS.

The environment is an argument; the files it names are read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import BotoCoreError

SERVICES = (
    *("application-autoscaling", "budgets", "cloudformation", "cloudwatch", "dynamodb", "ecr", "events", "iam", "kms"),
    *("lambda", "logs", "resourcegroupstaggingapi", "s3", "sagemaker", "sagemaker-runtime", "service-quotas", "sns"),
    *("sqs", "sts"),
)
"""What the commands of ops/ ask; a test compares it with their code."""


def elsewhere(environment: Mapping[str, str]) -> str | None:
    """The first address that is not AWS's, with what it is configured by, as `http://... (AWS_ENDPOINT_URL)`.

    >>> elsewhere({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:4566"})
    'http://127.0.0.1:4566 (AWS_ENDPOINT_URL_S3)'
    >>> elsewhere({"AWS_ENDPOINT_URL_S3": "https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com"})
    """
    try:
        return _found(_session(environment), environment)
    except BotoCoreError:  # no such profile, no such services section: whoever makes a client is told, with what to do
        return None


def _found(session: botocore.session.Session, environment: Mapping[str, str]) -> str | None:
    scoped = session.get_scoped_config()
    ignore = environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", scoped.get("ignore_configured_endpoint_urls", ""))
    if str(ignore).lower() == "true":
        return None
    own = _suffixes(session)
    for service in SERVICES:
        address = ConfiguredEndpointProvider(session.full_config, scoped, service, environment).provide()
        host = urlsplit(address or "").hostname or ""
        if address and not any(host == suffix or host.endswith(f".{suffix}") for suffix in own):
            return f"{address} ({_source(environment, address, service)})"
    return None


def _session(environment: Mapping[str, str]) -> botocore.session.Session:
    """The files and the profile that this environment names, and no other's."""
    session = botocore.session.Session(profile=environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE"))
    home = environment.get("HOME") or environment.get("USERPROFILE")
    for variable, name, file in (
        ("config_file", "AWS_CONFIG_FILE", "config"),
        ("credentials_file", "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    ):
        ordinary = Path(home, ".aws", file) if home else os.devnull
        session.set_config_variable(variable, environment.get(name) or str(ordinary))
    return session


def _source(environment: Mapping[str, str], address: str, service: str) -> str:
    for name, value in sorted(environment.items()):
        if name.startswith("AWS_ENDPOINT_URL") and value == address:
            return name
    return f"endpoint_url for {service} in {environment.get('AWS_CONFIG_FILE') or '~/.aws/config'}"


def _suffixes(session: botocore.session.Session) -> set[str]:
    """The domains of AWS's partitions."""
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    names = ("dnsSuffix", "dualStackDnsSuffix")
    return {one["outputs"][name] for one in partitions for name in names if one["outputs"].get(name)}
