"""Calls of every row that schemathesis makes up from a face's OpenAPI document: no answer breaks it."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from handlers.openapi import PATH_SCHEMAS, document
from tests.faces.cast import Cast
from tests.faces.conftest import CASTS

EXAMPLES = 8
"""Generated calls a row and role: enough to meet each kind of fault, few enough for every run."""


def is_known(_context: Any, response: Any, case: Any) -> None:
    """Fail when a caller who signed in is taken for a stranger: such calls would test nothing."""
    signed_in = bool(case.operation.definition.raw["x-roles"]) and not _ends_session(case.operation)
    assert not (signed_in and response.status_code == 401), response.text


def refuses_what_is_wrong(context: Any, response: Any, case: Any) -> None:
    """Fail when wrong input is accepted.

    An empty query value counts as absent, and an object is sent as keys of its own: unknown ones are ignored.
    """
    if not any(value == "" or isinstance(value, dict) for value in (case.query or {}).values()):
        negative_data_rejection(context, response, case)


CHECKS = (
    not_a_server_error,
    is_known,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    refuses_what_is_wrong,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
)


def _ends_session(operation: Any) -> bool:
    return any(kind.sign_out == operation.path for kind in CASTS)


def _is_file(operation: Any) -> bool:
    """Say whether the path names a file: keys hold slashes, which no generator puts into a path."""
    parameters = operation.definition.raw["parameters"]
    return any(one["schema"] == PATH_SCHEMAS["key"] for one in parameters)


def _explore(cast: Cast) -> list[str]:
    """Call every operation as two of the roles that may, with generated input; gives what was wrong."""
    described = document(cast.face)
    for methods in described["paths"].values():
        for one in methods.values():  # who may call is tested row by row; here input alone is made up
            del one["security"]
    schema = schemathesis.openapi.from_dict(described)
    faults: list[str] = []
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in sorted(operations, key=_ends_session):  # a stable sort: those that end it come last
        if _is_file(operation):
            continue
        roles = operation.definition.raw["x-roles"]
        for role in dict.fromkeys([*roles[:1], *roles[-1:]]) or [""]:
            headers = {"Authorization": f"Bearer {cast.people[role].token}"} if role else {}
            faults += [
                f"{operation.label} as {role}: {fault}"
                for fault in _faults(operation, cast.api.base_url, headers)
            ]
    return faults


def _faults(operation: Any, base_url: str, headers: dict[str, str]) -> Iterator[BaseException]:
    for mode in GenerationMode:
        try:
            _check(operation, mode, base_url, headers)()
        except (Unsatisfiable, SkipTest):  # nothing is wrong with it, or there is nothing to get wrong
            continue
        except BaseExceptionGroup as several:
            yield several.exceptions[0]
        except Exception as fault:
            yield fault


def _check(operation: Any, mode: GenerationMode, base_url: str, headers: dict[str, str]) -> Any:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(base_url=base_url, headers=headers, checks=list(CHECKS))

    return check


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
# The server is at work in another thread: what it draws is taken for a strategy's.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
async def test_no_generated_call_breaks_the_document(cast: Cast) -> None:
    """Whatever fits the document, and whatever does not, is answered as the document says."""
    assert await asyncio.to_thread(_explore, cast) == []
