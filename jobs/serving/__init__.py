"""What runs inside the endpoint: the one container of an ensemble, or the first and the last of the inference pipeline.

serve.py    raw rows -> answers, all in one
encode.py   raw rows -> the algorithm's CSV    decode.py   the algorithm's numbers -> answers
rows.py     a request's body -> rows of text   answers.py  in the user's own words, as CSV or JSON
explanations.py  what the columns add to an answer, on request   headers.py  what the caller asks for beside the rows
capture.py  what went in and out, where SageMaker does not capture it
refusal.py  how a script in AWS's container answers with a status of its own
"""
