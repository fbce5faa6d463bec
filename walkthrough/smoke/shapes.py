"""What an answer has to have. A shape is

a type            str, int, float, bool (an int counts as a float)
a dict            an object with at least these fields, each of its shape
a list of one     a list whose items all have that shape
Maybe(shape)      null, or that shape
a pattern         text that matches wholly
anything else     this very value
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MONEY = re.compile(r"\d+\.\d\d")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"\d\d:\d\d:\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Maybe:
    shape: Any


def differences(shape: Any, value: Any, where: str = "body") -> Iterator[str]:
    """Give in what a value is not of a shape, a sentence each."""
    if isinstance(shape, Maybe):
        if value is not None:
            yield from differences(shape.shape, value, where)
    elif isinstance(shape, dict):
        yield from _fields(shape, value, where)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where} is {value!r:.60}, no list"
            return
        for number, item in enumerate(value):
            yield from differences(shape[0], item, f"{where}[{number}]")
    elif isinstance(shape, type):
        kinds = (int, float) if shape is float else (shape,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and shape is not bool):
            yield f"{where} is {value!r:.60}, no {shape.__name__}"
    elif isinstance(shape, re.Pattern):
        if not (isinstance(value, str) and shape.fullmatch(value)):
            yield f"{where} is {value!r:.60}, which does not match {shape.pattern}"
    elif value != shape:
        yield f"{where} is {value!r:.60} instead of {shape!r:.60}"


def _fields(shape: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is {value!r:.60}, no object"
        return
    for name, inner in shape.items():
        if name not in value:
            yield f"{where} has no {name}"
        else:
            yield from differences(inner, value[name], f"{where}.{name}")
