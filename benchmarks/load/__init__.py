"""Load over HTTP: the server beside its peers, driven from a second process. `make load` runs it.

generator.py     keep-alive connections that ask again as soon as they are answered
peer_fastapi.py  the same priced quote on FastAPI, without token, role, caches or quote id
run.py           starts both, drives them in turn, prints medians and ratios
"""
