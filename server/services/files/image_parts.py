"""What an image file is made of, counted before a decoder works through it.

A decoder takes time for each part, however small the part: 5 MB have room for 100,000 scans of a JPEG, and
each of them is drawn over the whole picture.
"""

import re

MOST_SCANS = 100
"""Of a JPEG. Cameras write one, encoders for the web some ten; each takes 40 ms for 25 million pixels."""

MOST_SEGMENTS = 1_000
"""Of a JPEG; 20 MB of metadata need 300."""

MOST_CHUNKS = 10_000
"""Of a PNG; 20 MB in chunks of 4 KB are half as many."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SCAN, _END = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers of a JPEG that nothing belongs to."""

_MARKER = re.compile(rb"[\x00\xff]{0,63}\xff([\x01-\xfe])", re.DOTALL)
"""With the padding before it that decoders pass over byte by byte."""

_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def is_bearable(content: bytes) -> bool:
    """Say whether a file has so few parts that a decoder is soon done; a WebP always has."""
    if content.startswith(b"\xff\xd8"):
        return _is_bearable_jpeg(content)
    return not content.startswith(_PNG) or _is_bearable_png(content)


def _is_bearable_jpeg(content: bytes) -> bool:
    at, scans = 2, 0
    for _ in range(MOST_SEGMENTS):
        if at >= len(content):
            return True  # it ends too early, which its decoder finds out
        found = _MARKER.match(content, at)
        if found is None:
            return False
        marker, at = found[1][0], found.end()
        if marker == _END:
            return True
        if marker in _ALONE:
            continue
        at += int.from_bytes(content[at : at + 2])
        if marker == _SCAN:
            scans += 1
            following = _AFTER_SCAN.search(content, at)
            at = following.start() if following else len(content)
        if scans > MOST_SCANS:
            return False
    return False


def _is_bearable_png(content: bytes) -> bool:
    at = len(_PNG)
    for _ in range(MOST_CHUNKS):
        if at >= len(content):
            return True
        at += 12 + int.from_bytes(content[at : at + 4])
    return False
