"""Where mails and messages go when no server is named: a file each, readable by the owner alone."""

import os
import time
from pathlib import Path
from secrets import token_hex


def drop(folder: Path, prefix: str, suffix: str, content: bytes) -> Path:
    """Write a file that is there whole or not at all, and give its path; names sort by time."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{prefix}-{time.time_ns()}-{token_hex(3)}{suffix}"
    partial = folder / f".{name}"
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    partial.rename(folder / name)
    return folder / name
