"""OpenAPI 3.1 out of a face's rows: what is served is what is described."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from pydantic import TypeAdapter

from handlers.openapi_errors import error_name, error_responses, error_schemas, statuses_of
from handlers.openapi_sockets import about, describe_socket
from handlers.route import PLACEHOLDER, Face, Route

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
IN, OUT = "validation", "serialization"
PATH_SCHEMAS: Mapping[str, Schema] = {
    "int": {"type": "integer", "minimum": 1, "maximum": 10**15 - 1},
    "uuid": {"type": "string", "format": "uuid"},
    "text": {"type": "string", "minLength": 1, "maxLength": 500},
    "key": {"type": "string", "pattern": r"^[a-z]+(?:/[0-9a-z_]+){1,6}\.[a-z]{1,5}$"},
}
KEY_HEADER: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the same answer for 24 hours; another body is a 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def document(face: Face, server_url: str = "/") -> Schema:
    """Give the OpenAPI document of a face; `server_url` is where it is mounted."""
    spec = APISpec(
        title=face.title,
        version="1.0.0",
        openapi_version="3.1.0",
        info={"description": about(face)},
        servers=[{"url": server_url}],
        tags=[{"name": tag} for tag in dict.fromkeys(tag_of(route) for route in face.routes)],
    )
    schemas, definitions = _schemas(face)
    for name, schema in {**definitions, **error_schemas(face)}.items():
        spec.components.schema(name, schema)
    for name, response in error_responses(face).items():
        spec.components.response(name, response)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for route in face.routes:
        operation = _operation(route, face, schemas, definitions)
        spec.path(PLACEHOLDER.sub(r"{\1}", route.path), operations={route.method.lower(): operation})
    described: Schema = spec.to_dict()
    described["x-websockets"] = [describe_socket(socket) for socket in face.sockets]
    return described


def tag_of(route: Route) -> str:
    """Give a row's subject: the module it is written in."""
    return route.call.__module__.rpartition(".")[2].replace("_", " ").capitalize()


def summary_of(route: Route) -> str:
    """Give the first line of the row's docstring."""
    return (route.call.__doc__ or route.name).strip().splitlines()[0].rstrip(".")


def _models(face: Face) -> Iterator[tuple[tuple[str, str], str, Any]]:
    """Give (key, direction, type) of everything rows read and answer."""
    for route in face.routes:
        for kind, direction, model in (
            ("query", IN, route.query),
            ("body", IN, route.body),
            ("reply", OUT, route.reply),
        ):
            if model is not None:
                yield (route.name, kind), direction, model


def _schemas(face: Face) -> tuple[dict[tuple[str, str], Schema], dict[str, Schema]]:
    """Give the schema of each row's query, body and reply, and what they share, by name."""
    inputs = [(key, direction, TypeAdapter(model)) for key, direction, model in _models(face)]
    found, shared = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)  # type: ignore[arg-type]
    return {key: schema for (key, _), schema in found.items()}, dict(shared.get("$defs", {}))


def _operation(
    route: Route,
    face: Face,
    schemas: Mapping[tuple[str, str], Schema],
    definitions: Mapping[str, Schema],
) -> Schema:
    roles = sorted(route.roles)
    operation: Schema = {
        "operationId": route.call.__name__,
        "summary": summary_of(route),
        "description": _description(route),
        "tags": [tag_of(route)],
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas, definitions)],
        "responses": _responses(route, face, schemas),
        "security": [{"bearer": []}] if roles else [],
        "x-roles": roles,
    }
    if route.method == "POST" and roles:
        operation["parameters"].append(KEY_HEADER)
    if route.body is not None:
        operation["requestBody"] = _body(route, schemas[route.name, "body"], definitions)
    return operation


def _description(route: Route) -> str:
    words = re.sub(r"\s+", " ", (route.call.__doc__ or "").strip())
    who = f"Roles: {', '.join(sorted(route.roles))}." if route.roles else "Public."
    return f"{words}\n\n{who}"


def _path_parameters(route: Route) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": PATH_SCHEMAS[kind or "text"]}
        for name, kind in PLACEHOLDER.findall(route.path)
    ]


def _query_parameters(
    route: Route, schemas: Mapping[tuple[str, str], Schema], definitions: Mapping[str, Schema]
) -> list[Schema]:
    if route.query is None:
        return []
    schema = _resolved(schemas[route.name, "query"], definitions)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(one)}
        for name, one in schema.get("properties", {}).items()
    ]


def _without_null(schema: Schema) -> Schema:
    """Give a parameter's schema: in a query what is not there is absent, never null."""
    kinds = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**kinds[0], **rest}


def _body(route: Route, schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """Give a request's body: JSON, or a form where files come with it; without a file either will do."""
    whole = _resolved(schema, definitions)
    content = {"application/json": {"schema": schema}}
    if route.uploads:
        fields = {name: one for name, one in whole["properties"].items() if name not in route.uploads}
        files = {name: _file(limit_bytes) for name, limit_bytes in route.uploads.items()}
        form = {**whole, "properties": {**fields, **files}}
        content = {"multipart/form-data": {"schema": form}}
    if route.uploads and route.uploads.keys().isdisjoint(whole.get("required", [])):
        content["application/json"] = {"schema": {**whole, "properties": fields}}
    return {"required": "required" in whole, "content": content}


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    name: str = schema.get("$ref", "").rpartition("/")[2]
    return definitions[name] if name else schema


def _file(limit_bytes: int) -> Schema:
    return {"type": "string", "format": "binary", "description": f"At most {limit_bytes} bytes."}


def _responses(route: Route, face: Face, schemas: Mapping[tuple[str, str], Schema]) -> Schema:
    if route.status == 204:
        done: Schema = {"description": "Done."}
    elif route.reply is None:
        done = {"description": "The file.", "content": {"*/*": {"schema": {"type": "string"}}}}
    else:
        schema: Schema = schemas[route.name, "reply"]
        if face.wrap is not None:
            schema = _enveloped(face.wrap(schema), schema)
        done = {"description": summary_of(route), "content": {"application/json": {"schema": schema}}}
    failures: Schema = {
        str(status): {"$ref": f"#/components/responses/{error_name(status)}"}
        for status in statuses_of(route, face)
    }
    return {str(route.status): done, **failures}


def _enveloped(wrapped: Any, schema: Schema) -> Schema:
    """Give the schema of a face's envelope, in which `schema` stands in the answer's place."""
    if wrapped == schema:
        return dict(schema)
    if isinstance(wrapped, Mapping):
        parts = {name: _enveloped(one, schema) for name, one in wrapped.items()}
        return {"type": "object", "properties": parts, "required": list(parts)}
    return {"const": wrapped}
