"""Where uploaded files lie: a folder, or a bucket that speaks S3; the same calls for both."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.store import LocalStore, S3Store

from server.errors import Busy, NotFound

PATIENCE = timedelta(seconds=10)
"""How long a bucket may take for a file; obstore alone would wait for minutes, and the client with it."""

CONNECT = timedelta(seconds=3)
RETRIES = 2


class Files:
    """Files by key, "photos/2024/01/15/<random>.jpg"; keys are ours, never a client's words."""

    def __init__(self, url: str | None, folder: Path) -> None:
        """url : s3://bucket/prefix?endpoint=…&region=…, beside the AWS_* variables; None: into `folder`"""
        self._store: LocalStore | S3Store
        if url is None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._store = LocalStore(folder)
        else:
            self._store = _bucket(url)

    async def keep(self, key: str, content: bytes | Path) -> None:
        """Store a file's bytes, or what lies at a path; raises Busy when the store is away."""
        try:
            await obstore.put_async(self._store, key, content)
        except (obstore.exceptions.BaseError, OSError) as away:
            raise Busy("The file could not be kept; try again.") from away

    async def read(self, key: str) -> bytes:
        """Give a file's bytes; raises NotFound, or Busy when the store is away."""
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as missing:
            raise NotFound("File not found") from missing
        except (obstore.exceptions.BaseError, OSError) as away:
            raise Busy("The file could not be read; try again.") from away

    async def delete(self, key: str) -> None:
        """Remove a file; one that is gone already is no error. Raises Busy when the store is away."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (obstore.exceptions.BaseError, OSError) as away:
            raise Busy("The file could not be removed; try again.") from away


def _bucket(url: str) -> S3Store:
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    where: dict[str, Any] = {name: options[name] for name in ("endpoint", "region") if name in options}
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        client_options={
            "allow_http": options.get("endpoint", "").startswith("http://"),
            "connect_timeout": CONNECT,
            "timeout": PATIENCE,
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": PATIENCE},
        **where,
    )
