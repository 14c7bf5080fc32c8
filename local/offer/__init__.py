"""What the embedded cloud has of AWS, and the refusal of what it has not, in AWS's own form.

offered.py     a request -> let through, or refused      repertoire.py      the operations that are really done
malformed.py   what nobody could answer                  without_effect.py  parameters of which nothing would come
"""
