"""The spellings: paths, field names, envelopes, status codes. No decision is taken here.

A request's way: front (HTTP) -> mount (which marketplace) -> paths (which row) -> operation (caller,
role, body, call, reply) -> a face's coroutine -> one service.
"""
