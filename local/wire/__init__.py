"""AWS's protocols on a loopback address: requests in, answers and refusals out. Knows no service's meaning.

http_server.py    bytes in, bytes out, connections kept open    callers.py  who may call: programs, no web page
errors.py         how a part refuses: AWS's code and a sentence answers.py  documents and errors as JSON or XML
service_models.py what botocore knows of the services           shapes.py   refuse what AWS would refuse by them
"""
