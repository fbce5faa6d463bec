"""The database and the Redis that a process brings along when it is given none.

child.py     one supervised child process
lock.py      one process a data folder
services.py  both children, their addresses, and what they are started with
"""

from server.embedded.child import EmbeddedError
from server.embedded.services import Endpoints, embedded_services

__all__ = ["EmbeddedError", "Endpoints", "embedded_services"]
