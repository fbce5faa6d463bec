"""One process a data folder: an advisory lock that the kernel drops with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.embedded.child import EmbeddedError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder; raises EmbeddedError when another process does, or when it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as unusable:
        raise EmbeddedError(f"{unusable.filename} cannot be used: {unusable.strerror}") from unusable
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise EmbeddedError(f"another instance uses {folder}; stop it or set DATA_DIR") from held
        yield
    finally:
        os.close(handle)
