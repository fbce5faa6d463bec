"""Services are built from the types that their constructors ask for."""

import pytest

from server.errors import WrongTable
from server.services.shop.catalogue import Catalogue
from server.wiring import Wiring


class Spring:
    __module__ = "server.services.spring"

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue


class Mill:
    __module__ = "server.services.mill"

    def __init__(self, spring: Spring, catalogue: Catalogue) -> None:
        self.spring, self.catalogue = spring, catalogue


class Chicken:
    __module__ = "server.services.coop"

    def __init__(self, egg: "Egg") -> None: ...


class Egg:
    __module__ = "server.services.coop"

    def __init__(self, chicken: Chicken) -> None: ...


def wiring() -> Wiring:
    return Wiring({Catalogue: "the catalogue"})


def test_one_object_a_type() -> None:
    """Two services that ask for one type share the object."""
    mill = wiring().get(Mill)
    assert mill.spring.catalogue == mill.catalogue == "the catalogue"


def test_what_nobody_gives_is_named() -> None:
    """A type that is neither handed in nor a service is refused, naming who asked."""
    with pytest.raises(WrongTable, match="nothing gives Services"):
        Wiring({}).get(Mill)


def test_circles_are_named() -> None:
    """Two services that need each other are refused."""
    with pytest.raises(WrongTable, match="circle"):
        Wiring({}).get(Chicken)
