"""What an OpenAPI schema finds in a value; enough of JSON Schema for what the server describes."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def faults_of(schema: Schema, value: Any, parts: Schema, where: str = "body") -> Iterator[str]:
    """Give in what a value is not as a schema says; `parts` are the document's components.schemas."""
    if "$ref" in schema:
        yield from faults_of(parts[schema["$ref"].rpartition("/")[2]], value, parts, where)
        return
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        found = [list(faults_of(one, value, parts, where)) for one in choices]
        if all(found):
            yield from min(found, key=len)
        return
    if "const" in schema and value != schema["const"]:
        yield f"{where} is {value!r:.60} instead of {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r:.60}, none of {schema['enum']}"
    yield from _typed(schema, value, parts, where)


def _typed(schema: Schema, value: Any, parts: Schema, where: str) -> Iterator[str]:
    kind = schema.get("type")
    if kind is not None:
        is_right = isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        if not is_right:
            yield f"{where} is {value!r:.60}, no {kind}"
            return
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from faults_of(schema["items"], item, parts, f"{where}[{number}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{where} has no {name}"
        further = schema.get("additionalProperties")
        for name, inner in value.items():
            one = known.get(name, further)
            if isinstance(one, Mapping):
                yield from faults_of(one, inner, parts, f"{where}.{name}")
            elif one is False:
                yield f"{where} has {name}, which is not described"
