"""Who may import whom; the rule is here so that it cannot rot in a document."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "engine": {"tornado", "motor", "pymongo", "redis", "server", "handlers"},
    "server": {"handlers"},
    "server/domain": {"motor", "pymongo", "redis", "tornado"},
    "server/services": {"motor", "pymongo", "tornado"},
    "handlers": {"motor", "pymongo", "redis"},
    "walkthrough": {"engine", "server", "handlers"},
}
ENTRY = ROOT / "server" / "__main__.py"
"""The command line is the one place where the core meets its faces."""


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_no_layer_imports_what_it_must_not_know(layer: str) -> None:
    """A file of a layer imports none of the packages that are forbidden to it."""
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((ROOT / layer).rglob("*.py"))
        if path != ENTRY
        for module in _imports(path)
        if module.partition(".")[0] in FORBIDDEN[layer]
    ]
    assert wrong == []


def test_motor_is_opened_in_one_file() -> None:
    """Only the database module knows the client, so that it can be replaced in a day."""
    users = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "server").rglob("*.py"))
        if any(module.partition(".")[0] == "motor" for module in _imports(path))
    ]
    assert users == ["server/store/database.py"]


@pytest.mark.parametrize("marketplace", ["homeserve"])
def test_services_do_not_know_a_marketplace(marketplace: str) -> None:
    """The core's services and stores name no marketplace: what differs is in its value."""
    wrong = [
        str(path.relative_to(ROOT))
        for folder in ("services", "store", "realtime", "domain")
        for path in sorted((ROOT / "server" / folder).rglob("*.py"))
        if marketplace in path.read_text().lower()
    ]
    assert wrong == []
