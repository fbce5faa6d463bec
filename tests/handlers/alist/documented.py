"""A-List's documented calls as facts: a JSON file an operation in fixtures/; and its errors."""

import json
from pathlib import Path

from tests.handlers.client import Reply
from tests.handlers.homeserve.documented import Example

FIXTURES = Path(__file__).parent / "fixtures"


def documented(operation: str) -> Example:
    """Give the documented call of that name."""
    return Example(**json.loads((FIXTURES / f"{operation}.json").read_text()))


def is_refused(reply: Reply, status: int, field: str | None = None) -> bool:
    """Say whether an answer is A-List's error of this status, naming this field."""
    assert reply.json.keys() == {"error", "details", "status_code"}
    assert isinstance(reply.json["error"], str)
    named = field is None or all(isinstance(one, str) for one in reply.json["details"][field])
    return named and reply.status == status == reply.json["status_code"]
