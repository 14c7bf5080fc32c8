"""SageRelay's Lambda side: everything that is shipped to AWS, and nothing else.

Theory of operation
===================
Every Lambda does the same thing: an AWS envelope becomes an event, the record it concerns is loaded, a pure function
decides what is true now and what to do next, the record is written *with those commands still pending*, the commands
are executed, and the pending list is cleared::

    envelope -> records/envelopes.py -> [runtime/: load] -> decide -> [runtime/: save, execute, clear]

There are three records. `records/run.py` is one pass of data through the relay; `relay/deciding.py` holds its
transition table, which is the heart of the project. `records/dataset.py` is what stays true between runs: the live
model, the run in progress, and whether new data is waiting. `monitoring/record.py` is what is known of the traffic of a
live model; `monitoring/deciding.py` says when it is checked, what is told, and when a model is trained again.

Four rules make duplicates, losses and crashes harmless:

* Every name is derived from run, step and attempt (`names.py`), and SageMaker refuses a second job of the same name. So
  a command may be executed any number of times.
* A job-state event is a *hint*. The shell describes the job and decides by what SageMaker says of it. So late,
  duplicate and reordered events cannot mislead, and the scheduled sweep, which describes whatever is in flight, makes
  good a lost event through the very same path.
* An upload event is a hint too. The shell lists the dataset's folder and the decision compares what lies there with
  what was trained last. So uploads during a run need no queue but one flag.
* Commands are written down before they are executed. So a crash in between leaves work that a retry or the sweep
  finishes.

The packages, from the top down, each importing only what stands below::

    runtime      an event's way: load, decide, save, execute; the sweep; the outbox
    aws          one adapter a service
    console      the page that says how every dataset stands
    relay        what happens next in a run        monitoring  what happens next over a live model
    mails        every mail as text
    requests     commands as boto3's exact arguments
    costs        what things cost, and what may still be spent
    records      what is written down between two events
    settings     relay.yaml
    this folder  names, and of what is predicted (predictions, transform_names) or compared (form_names); where
                 SageMaker writes (log_groups); the deployment, the codec of records; what a failure means (failures),
                 how AWS spells a status (statuses), JSON that may be none (json_files); sizes of machines (instances);
                 how a model is served (serving_mode) and by how many containers (one_container)
    algorithms   what SageMaker needs of each, and where its image lies
    contract     what the jobs know too: tasks and their metrics, documents' types

Nothing here may import pandas, scikit-learn or the sagemaker SDK: a Lambda zip has room for neither. Only `runtime/`
and `aws/` touch the outside world; every other module computes values from values.
"""
