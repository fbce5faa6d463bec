"""A thing that is told, and on which topics."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.domain.events import user_topic


@dataclass(frozen=True, slots=True)
class Told:
    """A thing, and the topics of those who are to hear how it is now."""

    thing: Any
    topics: tuple[str, ...]


def own_topics(ids: Iterable[int]) -> tuple[str, ...]:
    """Give the topics of users, each once."""
    return tuple(user_topic(id) for id in dict.fromkeys(ids))
