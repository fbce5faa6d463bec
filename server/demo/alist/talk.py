"""The demo's conversations: about appointments, with a crew about a site, and one that is still silent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from server.demo.alist.people import Person, of_role
from server.domain.entities import Booking
from server.domain.rooms import Member, Message, Room
from server.marketplaces.alist import CLIENT, CONTRACTOR, CREW, SPECIALIST

TALKED = 40
"""Conversations of a client with a contractor."""

_LINES = (
    ("Hi, I'm interested in your {trade} services.", "Hello! I'd be happy to help. What do you need?"),
    ("{job}. Could you come by this week?", "I can come on {day}. Does that suit you?"),
    ("That works. Is there anything I should prepare?", "Just clear the area, please. I bring the rest."),
    ("How long will it take?", "About {hours} hours, all included."),
    ("Great, see you then.", "See you! I'll call when I am on my way."),
    ("Thank you, everything works.", "Glad to hear it. Leave me a review if you like."),
)
_SITE = (
    "The delivery comes at eight tomorrow.",
    "I'll be there with the truck.",
    "Please check the ceiling before you close it.",
    "Done, pictures follow.",
)


@dataclass(frozen=True, slots=True)
class _Line:
    sender_id: int
    content: str
    at: datetime


def talk(
    seed: int, now: datetime, crowd: Sequence[Person], bookings: Sequence[Booking]
) -> tuple[list[Room], list[Message]]:
    """Give rooms, client1's with contractor1 first, and messages, numbered in order of time."""
    rng = Random(f"alist-talk-{seed}")
    rooms: list[Room] = []
    lines: list[list[_Line]] = []
    for booking in _talked_about(bookings):
        begun = booking.created_at - timedelta(minutes=rng.randint(30, 600))
        members = (booking.customer_id, booking.provider_id or 0)
        title = f"{booking.service_name} Project Discussion"
        rooms.append(Room(0, tuple(map(Member, members)), title, begun, begun))
        lines.append(_conversation(rng, now, booking, begun))
    for one, (room, said) in enumerate(_sites(rng, now, crowd)):
        rooms.insert(1 + one, room)
        lines.insert(1 + one, said)
    return _told(rng, rooms, lines)


def _talked_about(bookings: Sequence[Booking]) -> list[Booking]:
    """Give the newest appointment of each pair, client1's with contractor1 first."""
    newest = {(one.provider_id, one.customer_id): one for one in bookings}
    ordered = sorted(newest.values(), key=lambda one: (one.customer_id, one.provider_id or 0))
    first = next(index for index, one in enumerate(ordered) if one.provider_id == 1)
    return [ordered[first], *ordered[:first], *ordered[first + 1 :]][:TALKED]


def _conversation(rng: Random, now: datetime, booking: Booking, begun: datetime) -> list[_Line]:
    """Give what both say in turn, as far as they have come by `now`."""
    words = {
        "trade": booking.service_name.lower(),
        "job": booking.customer_notes.partition(" - ")[0],
        "day": f"{booking.starts_at:%A}",
        "hours": f"{booking.duration_minutes / 60:g}",
    }
    pairs = rng.randint(1, len(_LINES) - (booking.completed_at is None))
    said: list[_Line] = []
    at = begun
    for number, text in enumerate(text for pair in _LINES[:pairs] for text in pair):
        if number == 2 * len(_LINES) - 2 and booking.completed_at is not None:
            at = max(at, booking.completed_at)
        at += timedelta(seconds=rng.randint(20, 1800))
        sender_id = booking.provider_id if number % 2 else booking.customer_id
        said.append(_Line(sender_id or 0, text.format(**words), at))
    return [line for line in said if line.at <= now]


def _sites(rng: Random, now: datetime, crowd: Sequence[Person]) -> list[tuple[Room, list[_Line]]]:
    """Give a contractor's talk with crew and specialist, and a room in which nobody has said anything."""
    contractors, clients = of_role(crowd, CONTRACTOR), of_role(crowd, CLIENT)
    team = (contractors[0], of_role(crowd, CREW)[0], of_role(crowd, SPECIALIST)[0])
    begun = now - timedelta(days=3)
    site = Room(0, tuple(Member(one.user.id) for one in team), "Site on Oak Ave", begun, begun)
    said, at = [], begun
    for number, text in enumerate(_SITE):
        at += timedelta(minutes=rng.randint(5, 120))
        said.append(_Line(team[number % len(team)].user.id, text, at))
    pair = (clients[1], contractors[1])
    silent = Room(0, tuple(Member(one.user.id) for one in pair), "Kitchen Renovation Project", begun, begun)
    return [(site, said), (silent, [])]


def _told(
    rng: Random, rooms: Sequence[Room], lines: Sequence[Sequence[_Line]]
) -> tuple[list[Room], list[Message]]:
    """Give rooms with what was said in them: all of it read by everybody, but for some of the newest."""
    spoken = sorted(
        (line.at, index, number) for index, said in enumerate(lines) for number, line in enumerate(said)
    )
    ids = {(index, number): id for id, (_, index, number) in enumerate(spoken, 1)}
    told: list[Room] = []
    messages: list[Message] = []
    for index, (room, said) in enumerate(zip(rooms, lines, strict=True)):
        room, unread = replace(room, id=index + 1), rng.choice((0, 0, 1, 2))
        for number, line in enumerate(said):
            message = room.next_message(ids[index, number], line.sender_id, line.content, line.at)
            room = room.with_message(message)
            if number < len(said) - unread:
                for member in room.members:
                    room = room.after_reading(member.user_id, member.unread)
                message = replace(message, read_by=tuple(sorted(room.member_ids)))
            messages.append(message)
        told.append(room)
    return told, sorted(messages, key=lambda message: message.id)
