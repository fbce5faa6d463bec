"""Which marketplace answers a host and a path."""

import pytest

from handlers.mount import Mount

MOUNT = Mount({"one": 1, "two": 2}, "one", {"api.two.example": "two"})


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("localhost:8000", "/api/x/", (1, "", "/api/x/")),
        ("localhost", "/two/api/x/", (2, "/two", "/api/x/")),
        ("two.localhost:8000", "/api/x/", (2, "", "/api/x/")),
        ("API.two.example", "/api/x", (2, "", "/api/x")),
        ("two.localhost", "/one/api/", (1, "/one", "/api/")),
        ("unheard.example", "/", (1, "", "/")),
        ("localhost", "/two", (2, "/two", "/")),
        ("[::1]:8000", "/twofold/", (1, "", "/twofold/")),
        ("", "/api/", (1, "", "/api/")),
    ],
)
def test_prefix_wins_over_host_and_host_over_default(
    host: str, path: str, expected: tuple[int, str, str]
) -> None:
    """A marketplace answers under its prefix on any host, at the root of its hosts, else the default."""
    assert MOUNT.resolve(host, path) == expected
