"""What runs inside SageMaker's containers: programs over shared floors, with what the XGBoost image holds and no more.

Theory of operation
===================
A job is a program on files. Who started it, AWS or the laptop's cloud, it does not know. Effects stand at its edges:
each program's `__main__`, and the modules that fetch, ask an endpoint or write::

    arguments: paths -> [read documents, stream objects] -> pure steps -> [write documents and a page] -> exit code 0
                                                  |
                                                  +-> Refusal: a code and one sentence, exit code 2 (refusals.py)

What passes between jobs, and between jobs and Lambda, are the documents of docs/formats.md and nothing else. A job
finds out and writes down. What follows from it, which run begins, what goes live, who is written to, is `chalicelib`'s,
which reads those documents: the two import nothing from each other.

From the top down, each package importing only what stands below:

    score  ground_truth                           programs as those below, which ask models as `evaluate` does
    prepare  train  pack  evaluate  drift         one program each: `python3 -m jobs.<name>`
    relation                                      labelled rows, check after check -> do their outcomes hold
    capture  performance_estimation               captured traffic -> rows; how good without labels, estimated
    serving                                       requests -> rows -> answers
    algorithms  ensemble  tables  report  error_estimation
                                                  columns -> what an algorithm is trained on; typed rows -> many models
                                                  that answer as one; people's files -> columns; documents -> pages; how
                                                  far numbers are off on which rows
    encoding  profiles  metrics  own_code         columns -> the model's numbers; counts; how good answers are; what
                                                  stands around a user's own training script
    documents                                     what the jobs' documents hold, as types
    this folder                                   refusals.py  how a program ends when its input is at fault
                                                  region.py    where its clients of AWS ask
                                                  schema.py    the one document that all of them share
                                                  settings.py  inputs.json and what of relay.yaml the jobs read

Three things hold everywhere. Nothing of a person's data is printed or told but names and numbers: a cell is shown by
its form. A number that cannot be computed is null beside a sentence, never 0. And counts do not depend on how the rows
were cut into files or blocks.

`serving`, `encoding` and `ensemble` also travel in models' archives and run in endpoints, for as long as a model
serves: there they import next to nothing, and what they read of an archive they must be able to read of an old one.
"""
