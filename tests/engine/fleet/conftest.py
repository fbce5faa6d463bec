"""Fleets are planned by PyVRP, in which no kernel has a part."""

import pytest


@pytest.fixture(autouse=True)
def implementation() -> str:
    """Once is enough here: kernels and references are compared elsewhere."""
    return "compiled"
