"""Load over HTTP and WebSocket: the server beside its peers, driven from another process by `make load`.

generator.py     keep-alive connections that ask again as soon as they are answered
peer_fastapi.py  the same priced quote on FastAPI, without token, role, caches or quote id
run.py           starts both, drives them in turn, prints medians and ratios
fan.py           one event, and bursts, to a thousand sockets, beside four peers; 10,000 idle ones
fan_ours.py, fan_peers.py, node/   the contenders of the fan-out; listeners.py: their clients
soak.py          sockets and REST together for an hour, and whether memory stays
"""
