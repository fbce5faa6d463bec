"""Finds the row of a path: literal paths in one dictionary, the others in one compiled expression."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from handlers.route import CONVERTERS, PLACEHOLDER

R = TypeVar("R")


class PathTable(Generic[R]):
    """Rows by path. A path works with and without its last slash; literal rows win over placeholders."""

    def __init__(self, rows: Iterable[tuple[str, R]]) -> None:
        self._literal: dict[str, R] = {}
        self._patterns: list[tuple[R, tuple[tuple[str, Callable[[str], Any]], ...]]] = []
        alternatives = []
        for path, row in rows:
            path = path.rstrip("/") or "/"
            if not PLACEHOLDER.search(path):
                self._literal[path] = row
                continue
            source, converters = _compile(path)
            self._patterns.append((row, converters))
            alternatives.append(f"({source})")
        self._expression = re.compile("|".join(alternatives)) if alternatives else None

    def find(self, path: str) -> tuple[R, Mapping[str, Any]] | None:
        """Give the row of `path` and its converted placeholders, or None."""
        path = path.rstrip("/") or "/"
        row = self._literal.get(path)
        if row is not None:
            return row, {}
        match = self._expression.fullmatch(path) if self._expression else None
        if match is None or match.lastindex is None:
            return None
        groups, index = match.groups(), 0
        for row, converters in self._patterns:
            if groups[index] is not None:
                values = groups[index + 1 : index + 1 + len(converters)]
                return row, {
                    name: convert(value) for (name, convert), value in zip(converters, values, strict=True)
                }
            index += 1 + len(converters)
        return None


def _compile(path: str) -> tuple[str, tuple[tuple[str, Callable[[str], Any]], ...]]:
    """Give the expression of a path with one group a placeholder, and the placeholders' converters."""
    source, converters, end = "", [], 0
    for match in PLACEHOLDER.finditer(path):
        pattern, convert = CONVERTERS[match[2] or "text"]
        source += re.escape(path[end : match.start()]) + f"({pattern})"
        converters.append((match[1], convert))
        end = match.end()
    return source + re.escape(path[end:]), tuple(converters)
