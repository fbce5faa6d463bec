"""Delivery inside a process: who hears what, how often it is encoded, and how connections end."""

from typing import Any

from server import clock
from server.domain.events import Event
from server.realtime.hub import Hub
from tests.server.realtime.ear import Ear


def event(*topics: str, **facts: Any) -> Event:
    return Event("told", topics, facts, clock.now())


async def test_those_who_joined_a_topic_hear_it_until_they_leave() -> None:
    """Delivery reaches exactly the topic's connections, in order."""
    hub, one, two = Hub(), Ear(), Ear()
    hub.join(one, "user:1")
    hub.join(two, "user:2")
    for number, topic in enumerate(("user:1", "user:2", "booking:a", "user:1")):
        hub.deliver(event(topic, number=number))
    assert [(await one.hear())["number"] for _ in one.frames] == [0, 3]
    assert [(await two.hear())["number"] for _ in two.frames] == [1]
    hub.leave(one)
    hub.leave(one)
    hub.deliver(event("user:1"))
    assert len(one.frames) == 2
    assert len(hub) == 1


def test_each_spelling_is_encoded_once() -> None:
    """An event of two topics is spelled once, and all receivers of a topic share one frame."""
    spelled: list[str] = []

    def spell(event: Event) -> dict[str, Any]:
        spelled.append(event.id)
        return {"id": event.id}

    hub, ears = Hub(), [Ear(speller=spell) for _ in range(100)]
    for number, ear in enumerate(ears):
        hub.join(ear, "user:1" if number % 2 else "booking:2")
    hub.deliver(event("user:1", "booking:2"))
    assert len(spelled) == 1
    assert len({id(ear.frames[0]) for ear in ears}) == 2
    assert all(len(ear.frames) == 1 for ear in ears)


def test_a_spelling_without_a_word_for_it_says_nothing() -> None:
    """An event a socket does not speak of is not sent there."""
    hub, ear = Hub(), Ear(speller=lambda event: None)
    hub.join(ear, "user:1")
    hub.deliver(event("user:1"))
    assert ear.frames == []


def test_a_spelling_that_fails_silences_nobody_else() -> None:
    """A fault in one spelling is logged; the others hear the event."""

    def fail(event: Event) -> dict[str, Any]:
        raise KeyError

    hub, mute, ear = Hub(), Ear(speller=fail), Ear()
    hub.join(mute, "user:1")
    hub.join(ear, "user:1")
    hub.deliver(event("user:1"))
    assert (mute.frames, len(ear.frames)) == ([], 1)


def test_who_is_full_is_closed_and_the_others_hear_on() -> None:
    """A connection that takes no more is closed with 1013."""
    hub, full, ear = Hub(), Ear(room=1), Ear()
    hub.join(full, "user:1")
    hub.join(ear, "user:1")
    for _ in range(2):
        hub.deliver(event("user:1"))
    assert (full.codes, ear.codes) == ([1013], [])
    assert len(ear.frames) == 2


def test_a_session_ends_alone_and_a_process_with_everybody() -> None:
    """`close_session` closes that session's sockets with 4001, `close_all` all of them with 1001."""
    hub, ears = Hub(), [Ear("a"), Ear("a"), Ear("b")]
    for ear in ears:
        hub.join(ear, "user:1")
    hub.close_session("a")
    assert [ear.codes for ear in ears] == [[4001], [4001], []]
    hub.close_all()
    assert ears[2].codes == [1001]
