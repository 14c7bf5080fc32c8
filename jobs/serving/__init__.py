"""What runs inside the endpoint: the first and the last container of the inference pipeline.

encode.py   raw rows -> the algorithm's CSV    decode.py   the algorithm's numbers -> answers
rows.py     a request's body -> rows of text   answers.py  in the user's own words, as CSV or JSON
refusal.py  how a script in AWS's container answers with a status of its own
"""
