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
        ("/media/{key:key}", "file"),
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
        ("/media/photos/2024/01/15/0a_1.jpg", "file", {"key": "photos/2024/01/15/0a_1.jpg"}),
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
        "/media/",
        "/media/photos",
        "/media/photos/",
        "/media/../secret.key",
        "/media/photos/../secret.key",
        "/media/photos/./1.jpg",
        "/media/photos//1.jpg",
        "/media//etc/1.jpg",
        "/media/photos/1.jpg/2.jpg",
        "/media/photos/1.jpg\n",
        "/media/photos/1\x00.jpg",
        "/media/photos/..\\1.jpg",
        "/media/photos/1/2/3/4/5/6/7.jpg",
    ],
)
def test_what_fits_no_row_is_no_path(path: str) -> None:
    """A value of the wrong shape makes a path that does not exist, not an error further in."""
    assert TABLE.find(path) is None
