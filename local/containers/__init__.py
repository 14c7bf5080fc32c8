"""Stand-ins for the containers that SageMaker would pull: same contract, same refusals, same output; no Docker."""
