"""The embedded cloud: as much of AWS as the relay needs, on one machine, so that the same code runs there unchanged.

One front door on the loopback address takes every request in AWS's own protocols. moto answers for storage, tables,
topics and queues; SageMaker, EventBridge and Lambda are our own, because jobs, endpoints, events and functions must
really run: as processes, with AWS's limits, its permissions and its refusals. What this cloud has not, it refuses in
AWS's form; it invents no success. From the top down, each package importing only what stands below:

    cli                        `python -m local demo | run | up`: watches from outside, as a user of AWS would
    this folder                the whole: cloud.py starts and ends the parts; front.py is the address, state.py what
                               survives a restart, mailbox.py the mails, stack.py what the template makes on AWS
    offer      sagemaker       which operations there are; the control plane with its jobs and endpoints
    functions  serving         Lambda's processes; an endpoint's process
    events     permissions     EventBridge's bus; IAM, evaluated for every call
    wire       containers      HTTP, errors and shapes of AWS's protocols; stand-ins for SageMaker's images

Nothing of it is shipped to Lambda, and `chalicelib` cannot tell it from AWS.
"""
