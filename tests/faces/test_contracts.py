"""Every documented call has a row. What it answers is tested where the examples are replayed."""

import json
from pathlib import Path

import pytest

from handlers.route import PLACEHOLDER
from tests.faces.conftest import CASTS, name_of

DOCUMENTED = [
    pytest.param(name_of(kind), path, id=f"{name_of(kind)} {path.stem}")
    for kind in CASTS
    for path in sorted(kind.fixtures.glob("*.json"))
]
ROWS = {
    name_of(kind): {(row.method, PLACEHOLDER.sub("{}", row.path)): row for row in kind.face.routes}
    for kind in CASTS
}


@pytest.mark.parametrize(("name", "path"), DOCUMENTED)
def test_a_documented_call_has_a_row(name: str, path: Path) -> None:
    """Its method and path are served, with the documented status; its file is one whole call."""
    example = json.loads(path.read_text())
    assert set(example) == {"method", "path", "request", "status", "response"}
    row = ROWS[name].get((example["method"], PLACEHOLDER.sub("{}", example["path"])))
    assert row is not None, f"{example['method']} {example['path']}"
    assert example["status"] in (row.status, None)
    assert row.body is not None or example["request"] is None
