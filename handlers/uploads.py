"""A multipart body streamed to disk: at most one chunk of it is ever in memory."""

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from server.errors import Invalid, Malformed, TooLarge, TooMany

MAX_FIELD_BYTES = 16 * 1024
MAX_PARTS = 50
MOST_AT_ONCE = 20
"""A user's uploads under way in one process: 400 MB of the largest."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file as it lies on disk until the request ends. `filename` is the client's word, never a path.

    A model takes it from a form alone: a JSON object of the same shape could name any file of the server.
    """

    path: Path
    filename: str
    size: int
    sha256: str

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._received)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}

    @classmethod
    def _received(cls, value: object) -> "UploadedFile":
        if not isinstance(value, cls):
            raise ValueError("Send a file, as a part of a multipart form.")
        return value


class Upload:
    """Feeds a multipart body, chunk by chunk, into fields (memory) and files (a temporary folder)."""

    def __init__(self, content_type: str, limits: Mapping[str, int]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise Malformed("Send the body as multipart/form-data.")
        self._limits = limits
        self._folder = tempfile.TemporaryDirectory(prefix="doorstep-upload-")
        self._fields: dict[str, list[str]] = {}
        self._files: dict[str, UploadedFile] = {}
        self._part: _Part | None = None
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._parts = 0
        self._finished = False
        self.at_end: Callable[[], None] | None = None
        """What shall be done, once, when nothing is on disk any more."""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._collect_name,
                "on_header_value": self._collect_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_part,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._end_body,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body; raises Malformed, TooLarge or Invalid."""
        try:
            self._parser.write(chunk)
        except MultipartParseError as wrong:
            raise Malformed("The multipart body could not be read.") from wrong

    def close(self) -> None:
        """Check that the body was whole; raises Malformed."""
        if not self._finished:
            raise Malformed("The multipart body ends too early.")

    def values(self) -> dict[str, Any]:
        """Give text fields as text, or as a list where they are repeated, and file fields as UploadedFile."""
        fields = {name: texts[0] if len(texts) == 1 else texts for name, texts in self._fields.items()}
        return {**fields, **self._files}

    def digest(self) -> bytes:
        """Give bytes equal for equal forms alone, whatever their boundary."""
        files = sorted((name, file.filename, file.sha256) for name, file in self._files.items())
        return orjson.dumps([sorted(self._fields.items()), files])

    def discard(self) -> None:
        """Remove what lies on disk."""
        if self._part is not None:
            self._part.abandon()
        self._folder.cleanup()
        if self.at_end is not None:
            self.at_end()
            self.at_end = None

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Malformed(f"A form has at most {MAX_PARTS} parts.")
        self._headers = {}

    def _collect_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _collect_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _open_part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        filename = options.get(b"filename")
        if filename is None:
            self._part = _Part(name, None, None, MAX_FIELD_BYTES)
        elif name not in self._limits:
            raise Invalid({name: ["No file is expected here."]})
        elif name in self._files:
            raise Invalid({name: ["Send one file."]})
        else:
            path = Path(self._folder.name) / str(self._parts)
            self._part = _Part(name, filename.decode("utf-8", "replace"), path, self._limits[name])

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part is not None:
            self._part.write(data[start:end])

    def _end(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        if part.filename is None:
            self._fields.setdefault(part.name, []).append(part.text())
        elif part.filename or part.size:  # a page's form sends an empty part for a file not chosen
            self._files[part.name] = part.file()
        else:
            part.abandon()

    def _end_body(self) -> None:
        self._finished = True


class Uploaders:
    """Who is sending files to this process: each takes disk for as long as it takes to send."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, int]] = Counter()

    def enter(self, marketplace: str, user_id: int) -> Callable[[], None]:
        """Count a user's upload and give what ends it, to be called once; raises TooMany."""
        who = marketplace, user_id
        if self._counts[who] >= MOST_AT_ONCE:
            raise TooMany("Too many uploads at once.", retry_after_seconds=1)
        self._counts[who] += 1
        return partial(self._leave, who)

    def _leave(self, who: tuple[str, int]) -> None:
        self._counts[who] -= 1
        if not self._counts[who]:
            del self._counts[who]


class _Part:
    """The part being received: a field collects in memory, a file goes to disk."""

    def __init__(self, name: str, filename: str | None, path: Path | None, limit_bytes: int) -> None:
        self.name, self.filename = name, filename
        self._path, self._limit = path, limit_bytes
        self.size = 0
        self._hash = hashlib.sha256()
        self._memory = bytearray()
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600) if path else None

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            raise TooLarge(f"{self.name} is larger than {self._limit} bytes.", limit_bytes=self._limit)
        if self._handle is None:
            self._memory += data
        else:
            os.write(self._handle, data)
            self._hash.update(data)

    def text(self) -> str:
        try:
            return self._memory.decode()
        except UnicodeDecodeError as wrong:
            raise Invalid({self.name: ["Not valid UTF-8 text."]}) from wrong

    def file(self) -> UploadedFile:
        self.abandon()
        if self._path is None or self.filename is None:
            raise Malformed()
        return UploadedFile(self._path, self.filename, self.size, self._hash.hexdigest())

    def abandon(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
