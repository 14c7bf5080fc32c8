"""A SageMaker endpoint on a laptop: one command that serves an inference pipeline over HTTP and captures its data.

`python -m local.serving --config FILE`. Instead of a machine a container, each with its web server, the containers of a
pipeline share a process and hand each other bytes; one worker process a core. What a caller sees is the same.

    config.py       what the process is told    pipeline.py  one container's answer is the next one's request
    application.py  /ping and /invocations      capture.py   what went in and out, to S3
    read_only.py    a disk that is not to be written
"""
