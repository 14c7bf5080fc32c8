"""The evaluation job: what the candidate endpoint answers for rows it never saw, and how good those answers are.

The rows go through the deployed endpoint, not through a model loaded here, so that the encoder, the algorithm and the
decoder are measured as they will serve. The job decides nothing: whether the numbers are good enough is the gate's
business (`chalicelib/relay/verdicts.py`), which reads them.

    asking.py        one endpoint, all rows, and what is written of it
    endpoint.py      request bodies -> answers                  transformed.py answers that a batch transform wrote
    answers.py       answers -> numbers                         live.py       may the live model be asked the same?
    curves.py        numbers -> what the report draws           importance.py what the trained model used
    model_quality.py metrics -> SageMaker's names               evaluation.py everything -> evaluation.json
    held_out.py      the answers as a profile, answers.json     odd_cells.py  cells that training had otherwise
    artifact.py      the trained model in this process      permutation.py what each column is worth to it
    effects.py       how columns move its answers        shapes.py      the shape of a curve, in a word and a sentence
    leaderboard.py   the model beside simpler ones       best.py        the best earlier model, from its archives
    comparison.py    the models of several algorithms, before one of them is deployed
    on_traffic.py    the model on captured traffic of the live one     exam.py    what it would change there
    captured_rows.py a model asked about captured rows
    error_sizes.py   how far numbers are off, on which rows
    own_archive.py   a model that no endpoint serves, asked in this process
    through_endpoint.py  a model that answers through its endpoint alone, for the same questions
    uploaded.py      the same job for a user's own test data    uploaded_rows.py its files -> test.csv

What a metric is stands in `jobs.metrics`.
"""
