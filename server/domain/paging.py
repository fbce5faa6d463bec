"""One page of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

E = TypeVar("E", covariant=True)

MAX_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is wanted: number from 1, size 1..MAX_PAGE_SIZE."""

    number: int = 1
    size: int = 20

    @property
    def skip(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Listed(Generic[E]):
    """A page of entities and how many there are in all."""

    items: Sequence[E]
    total: int
    paging: Paging

    @property
    def has_next(self) -> bool:
        return self.paging.number * self.paging.size < self.total

    def map(self, spell: Any) -> "Listed[Any]":
        """Give the same page with every item spelled."""
        return Listed([spell(item) for item in self.items], self.total, self.paging)
