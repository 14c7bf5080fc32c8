"""The groups in CloudWatch Logs that SageMaker writes to: of a job its kind has one, an endpoint has its own."""

from __future__ import annotations

from chalicelib.names import Step

PROCESSING = "/aws/sagemaker/ProcessingJobs"
TRAINING = "/aws/sagemaker/TrainingJobs"
TRANSFORM = "/aws/sagemaker/TransformJobs"
ENDPOINTS = "/aws/sagemaker/Endpoints/"
"""An endpoint's log group, followed by its name."""

OF_JOBS = {
    Step.PREPARE: PROCESSING,
    Step.COMPARE: PROCESSING,
    Step.PACK: PROCESSING,
    Step.EVALUATE: PROCESSING,
    Step.TUNE: TRAINING,
    Step.TRAIN: TRAINING,
}
"""The group of the job of a step; the others are endpoints (a candidate may be a transform job, too)."""
