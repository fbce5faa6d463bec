"""Who hears of a change, and how.

outbox.py     events leave with the transaction that made them
bus.py        one process to all, over a Redis stream
numbering.py  numbers, given out in Redis
history.py    what a client missed
hub.py        one process to its sockets
frames.py     what goes over a socket
presence.py   who is connected, in any process
"""
