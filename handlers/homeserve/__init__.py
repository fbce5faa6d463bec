"""HomeServe Pro's spelling: a file a subject, each with its models, its coroutines and its rows.

wire.py        errors, tokens, list envelope
face.py        all rows together
"""
