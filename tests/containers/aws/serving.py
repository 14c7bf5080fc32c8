"""AWS's own container source answers requests: the application that gunicorn runs in the image, without gunicorn.

    python -m tests.containers.aws.serving ROOT FOLDER...   < requests > answers

ROOT is the container's /opt/ml, the FOLDERs are container.py's. Requests come as JSON: body in base64, content type and
Accept of each.
"""

import base64
import json
import os
import sys

from tests.containers.aws.container import prepare
from tests.containers.aws.serving_cases import answer


def main(root: str, *folders: str) -> None:
    prepare(root, folders)
    from sagemaker_containers import _env, _modules  # type: ignore[import-not-found]
    from sagemaker_xgboost_container.algorithm_mode import serve  # type: ignore[import-not-found]
    from sagemaker_xgboost_container.serving import main as application  # type: ignore[import-not-found]
    from werkzeug.test import Client

    env = _env.ServingEnv()
    if env.module_name:  # as sagemaker_containers._server.start
        sys.path.append(_env.code_dir)
        _modules.import_module(env.module_dir, env.module_name)
    serve.ScoringService.MODEL_PATH = os.path.join(root, "model")  # noqa: PTH118
    client, answers = Client(application), []
    for body, content_type, accept in json.load(sys.stdin):
        headers = {name: value for name, value in (("Content-Type", content_type), ("Accept", accept)) if value}
        reply = client.post("/invocations", data=base64.b64decode(body), headers=headers)
        answers.append(answer(reply.status_code, reply.headers.get("Content-Type"), reply.get_data()))
    sys.stdout.write("\n" + json.dumps(answers) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
