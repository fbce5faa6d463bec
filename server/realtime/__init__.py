"""Who hears of a change, and how.

outbox.py  events leave with the transaction that made them
bus.py     one process to all, over a Redis stream
hub.py     one process to its sockets
frames.py  what goes over a socket
"""
