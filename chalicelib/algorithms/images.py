"""Where SageMaker's images lie in each region, and what those of scripts need to start.

Tables instead of the sagemaker SDK's `image_uris`, because the SDK is 685 MB and a Lambda zip may be 50. A test
compares them with the SDK's answer for every region.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

XGBOOST_VERSION = "3.2-0"
PATCHED_UNTIL = date(2027, 5, 13)
"""AWS mends this version until then: "end of patch" in the support policy of its Deep Learning Containers, where 3.2-0
has been listed since 2026-05-13; read in November 2026. A new version comes with a release of SageRelay, because the
image's libraries write and read every file."""

SCIKIT_LEARN_VERSION = "1.9-0-cpu-py3"
"""The tag as the sagemaker SDK has it; the image bears `1.9-0` as well (aws/sagemaker-python-sdk, pull request 6037).
AWS mends it until 2027-07-16. It runs code of the user's own alone: nothing of ours is written or read by its
libraries."""

STARTS_OFFLINE = {
    # pip's odd spelling: 0 means no isolation (1 means isolation), https://github.com/pypa/pip/issues/5735.
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
"""In script mode the image runs `pip install .` on the code it is given, at every start of a server and of a training
(sagemaker-containers 2.8.6, `_modules.install`, called by `_server.start` and by the framework's training). Its pip,
26.1, builds in isolation: it fetches setuptools from PyPI first, though the image holds it, and where there is no way
to PyPI the container never comes up."""

_REGISTRIES = {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "341280168497",
    "ca-west-1": "190319476487",
    "cn-north-1": "450853457545",
    "cn-northwest-1": "451049120500",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "414596584902",
    "us-iso-east-1": "833128469047",
    "us-isob-east-1": "281123927165",
    "us-isof-east-1": "108575199400",
    "us-isof-south-1": "124985052026",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}

_LINEAR_LEARNER = {
    "af-south-1": "455444449433",
    "ap-east-1": "286214385809",
    "ap-northeast-1": "351501993468",
    "ap-northeast-2": "835164637446",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "991648021394",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "475088953585",
    "ap-southeast-2": "712309505854",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "469771592824",
    "ca-west-1": "190319476487",
    "cn-north-1": "390948362332",
    "cn-northwest-1": "387376663083",
    "eu-central-1": "664544806723",
    "eu-central-2": "680994064768",
    "eu-north-1": "669576153137",
    "eu-south-1": "257386234256",
    "eu-south-2": "104374241257",
    "eu-west-1": "438346466558",
    "eu-west-2": "644912444149",
    "eu-west-3": "749696950732",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "249704162688",
    "sa-east-1": "855470959533",
    "us-east-1": "382416733822",
    "us-east-2": "404615174143",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "226302683700",
    "us-iso-east-1": "490574956308",
    "us-isob-east-1": "765400339828",
    "us-isof-east-1": "108575199400",
    "us-isof-south-1": "124985052026",
    "us-west-1": "632365934929",
    "us-west-2": "174872318107",
}
"""Accounts of SageMaker's own MXNet algorithms, of which this is one."""

_DOMAINS = {
    "cn-": "amazonaws.com.cn",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
}


def xgboost(region: str) -> str:
    """The image URI of SageMaker's XGBoost in a region.

    One image prepares, trains, serves and evaluates: the versions of pandas, scikit-learn and xgboost that write a file
    are those that read it.

    Raises:
        LookupError: SageMaker offers no such image there.
    """
    return f"{_registry(region, _REGISTRIES, 'XGBoost')}/sagemaker-xgboost:{XGBOOST_VERSION}"


def linear_learner(region: str) -> str:
    """The image URI of SageMaker's linear-learner in a region. It has one tag, under which AWS mends it.

    Raises:
        LookupError: SageMaker offers no such image there.
    """
    return f"{_registry(region, _LINEAR_LEARNER, 'linear-learner')}/linear-learner:1"


def scikit_learn(region: str) -> str:
    """The image URI of SageMaker's scikit-learn in a region, for scripts of users' own. Raises as `xgboost`."""
    return f"{_registry(region, _REGISTRIES, 'scikit-learn')}/sagemaker-scikit-learn:{SCIKIT_LEARN_VERSION}"


def _registry(region: str, accounts: Mapping[str, str], what: str) -> str:
    try:
        account = accounts[region]
    except KeyError:
        offered = ", ".join(sorted(accounts))
        raise LookupError(f"SageMaker's {what} image is not offered in {region!r}; it is in {offered}") from None
    return f"{account}.dkr.ecr.{region}.{_domain(region)}"


def _domain(region: str) -> str:
    for prefix, domain in _DOMAINS.items():
        if region.startswith(prefix):
            return domain
    return "amazonaws.com"
