"""What an account has and allows, as findings: asked before a deployment and by the doctor.

access.py  credentials, region, image, what one may do     quotas.py  what SageMaker's limits mean for a run
serving.py  how new datasets will be served
finding.py one line of the result                          page.py    how it is shown
"""
