"""Who hears of a change, and how.

outbox.py  events leave with the transaction that made them
bus.py     one process to all, over Redis
hub.py     one process to its sockets
frames.py  what goes over a socket
"""
