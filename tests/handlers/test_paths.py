"""Path matching: literals, placeholders, last slashes."""

import pytest

from handlers.paths import PathTable

TABLE = PathTable(
    [
        ("/things/", "list"),
        ("/things/new/", "new"),
        ("/things/{id:int}/", "one"),
        ("/things/{id:int}/parts/{part:uuid}/", "part"),
        ("/verify/{token}/{user:int}/", "verify"),
    ]
)
UUID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(
    ("path", "row", "values"),
    [
        ("/things", "list", {}),
        ("/things/", "list", {}),
        ("/things/new/", "new", {}),
        ("/things/7", "one", {"id": 7}),
        (f"/things/7/parts/{UUID.upper()}/", "part", {"id": 7, "part": UUID}),
        ("/verify/a.b-c/3/", "verify", {"token": "a.b-c", "user": 3}),
    ],
)
def test_a_path_finds_its_row_and_its_values(path: str, row: str, values: dict[str, object]) -> None:
    """With and without the last slash, literal rows before placeholders, values converted."""
    assert TABLE.find(path) == (row, values)


@pytest.mark.parametrize(
    "path",
    [
        "/thing",
        "/things/x",
        "/things/0",
        "/things/-1",
        "/things/1e3",
        "/things/7/parts/8",
        "//",
        "/things/9999999999999999999999",
        "/things/7/parts/" + UUID[:-1],
        "/things/٣/",
    ],
)
def test_what_fits_no_row_is_no_path(path: str) -> None:
    """A value of the wrong shape makes a path that does not exist, not an error further in."""
    assert TABLE.find(path) is None
