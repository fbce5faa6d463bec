"""A Postman collection out of a face's rows: a folder a subject, an example a call."""

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from handlers.openapi import Schema, document, summary_of, tag_of
from handlers.route import PLACEHOLDER, Face, Route

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
SITE = "http://localhost:8000"
BASE, ACCESS, REFRESH = "base_url", "access_token", "refresh_token"
"""The collection's variables: where the marketplace answers, and who calls."""

TEXTS = {
    "date-time": "2030-01-15T10:00:00Z",
    "date": "2030-01-15",
    "time": "09:00:00",
    "uuid": "550e8400-e29b-41d4-a716-446655440000",
}

KEEP_TOKENS = [
    "const answer = pm.response.code < 300 ? pm.response.json() : {};",
    "const tokens = answer.tokens || answer;",
    f'if (tokens.access) pm.collectionVariables.set("{ACCESS}", tokens.access);',
    f'if (tokens.refresh) pm.collectionVariables.set("{REFRESH}", tokens.refresh);',
]
"""Run after an answer that may hold tokens, by themselves or as `tokens`: later calls send them."""


def collection(face: Face) -> Schema:
    """Give the collection of a face; the same rows give the same bytes."""
    described = document(face)
    definitions = described["components"]["schemas"]
    folders: dict[str, list[Schema]] = {}
    for route in face.routes:
        operation = described["paths"][PLACEHOLDER.sub(r"{\1}", route.path)][route.method.lower()]
        folders.setdefault(tag_of(route), []).append(_item(route, operation, definitions))
    return {
        "info": {
            "_postman_id": str(uuid5(NAMESPACE_URL, f"doorstep:{face.marketplace.name}")),
            "name": face.title,
            "description": face.about,
            "schema": SCHEMA,
        },
        "auth": {
            "type": "bearer",
            "bearer": [{"key": "token", "value": _variable(ACCESS), "type": "string"}],
        },
        "variable": [
            {"key": BASE, "value": f"{SITE}/{face.marketplace.name}"},
            {"key": ACCESS, "value": ""},
            {"key": REFRESH, "value": ""},
        ],
        "item": [{"name": tag, "item": items} for tag, items in folders.items()],
    }


def _variable(name: str) -> str:
    """Give what Postman replaces by a variable's value."""
    return f"{{{{{name}}}}}"


def _item(route: Route, operation: Schema, definitions: Schema) -> Schema:
    path = PLACEHOLDER.sub(r":\1", route.path)
    variables = [
        {"key": one["name"], "value": str(example(one["schema"], definitions))}
        for one in operation["parameters"]
        if one["in"] == "path"
    ]
    query = [
        {
            "key": one["name"],
            "value": str(example(one["schema"], definitions)),
            "disabled": not one["required"],
        }
        for one in operation["parameters"]
        if one["in"] == "query"
    ]
    request: Schema = {
        "method": route.method,
        "description": operation["description"],
        "header": [],
        "url": {
            "raw": f"{_variable(BASE)}{path}",
            "host": [_variable(BASE)],
            "path": path.strip("/").split("/") + ([""] if path.endswith("/") else []),
            "query": query,
            "variable": variables,
        },
    }
    if route.public:
        request["auth"] = {"type": "noauth"}
    if "requestBody" in operation:
        kind, content = next(iter(operation["requestBody"]["content"].items()))
        request |= _body(kind, content["schema"], definitions)
    item: Schema = {"name": summary_of(route), "request": request, "response": []}
    if _holds_tokens(_answer(route, operation, definitions), definitions):
        item["event"] = [{"listen": "test", "script": {"type": "text/javascript", "exec": KEEP_TOKENS}}]
    return item


def _holds_tokens(answer: Schema, definitions: Schema) -> bool:
    """Say whether a success answers an access token, by itself or among `tokens`."""
    fields = answer.get("properties", {})
    tokens = _resolved(fields.get("tokens", {}), definitions)
    return "access" in fields or "access" in tokens.get("properties", {})


def _answer(route: Route, operation: Schema, definitions: Schema) -> Schema:
    """Give the schema of a row's success, an empty one where there is no JSON."""
    content = operation["responses"][str(route.status)].get("content", {})
    return _resolved(content.get("application/json", {}).get("schema", {}), definitions)


def _body(kind: str, schema: Schema, definitions: Schema) -> Schema:
    schema = _resolved(schema, definitions)
    if kind == "multipart/form-data":
        fields = [
            {"key": name, "type": "file", "src": None}
            if one.get("format") == "binary"
            else {"key": name, "type": "text", "value": str(example(one, definitions))}
            for name, one in schema["properties"].items()
        ]
        return {"body": {"mode": "formdata", "formdata": fields}}
    sent = example(schema, definitions)
    if "refresh" in sent:
        sent["refresh"] = _variable(REFRESH)
    raw = json.dumps(sent, indent=2, ensure_ascii=False)
    return {
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "body": {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}},
    }


def example(schema: Schema, definitions: Schema) -> Any:
    """Give a plausible value of a schema: its own example or default, else the simplest that fits."""
    schema = _resolved(schema, definitions)
    for known in ("example", "default", "const"):
        if schema.get(known) is not None:
            return schema[known]
    if "examples" in schema or "enum" in schema:
        return (schema.get("examples") or schema["enum"])[0]
    if "anyOf" in schema:
        return example(next(one for one in schema["anyOf"] if one.get("type") != "null"), definitions)
    match schema.get("type"):
        case "object":
            required = schema.get("required", [])
            fields = schema.get("properties", {})
            return {
                name: example(one, definitions)
                for name, one in fields.items()
                if name in required or not required
            }
        case "array":
            return [example(schema["items"], definitions)] if "items" in schema else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return TEXTS.get(schema.get("format", "")) or "text"


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema
