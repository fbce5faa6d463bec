"""Numbers, given out by scripts in Redis, each in one step.

A line is a count and the stream of what was counted: one line a topic, and one for the bus. A count is
`<life>:<epoch>:<seq>`. Redis' life is what it calls `master_replid`: it changes when Redis is started again
and when another server takes its place, both of which may bring back counts older than those it gave out. A
count that is gone or of another life therefore begins anew, in an epoch named after that microsecond, and its
stream with it. So no number of an epoch is given twice, whatever Redis forgets.

Redis does not roll back, so an event counts as seen only once all else is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass

KEPT_EVENTS = 1_000
"""Of a topic; older ones are gone."""
KEPT_SECONDS = 24 * 3600
"""After its last event, a topic's history is gone; after so long it is forgotten that an event was seen."""
NUMBERED_SECONDS = 90 * 24 * 3600
"""A line that is silent for so long begins anew."""

_LINE = """
local life = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')

local function begin(count, past)
  local now = redis.call('TIME')
  local epoch = now[1] .. string.format('%06d', now[2])
  redis.call('DEL', past)
  redis.call('SET', count, life .. ':' .. epoch .. ':0', 'EX', ARGV[1])
  return epoch, 0
end

local function place(count, past)
  local was, epoch, seq = string.match(redis.call('GET', count) or '', '^(%w+):(%d+):(%d+)$')
  if was == life then return epoch, tonumber(seq) end
  return begin(count, past)
end

local function add(count, past, trim, kept, ...)
  local epoch, seq = place(count, past)
  local mark = epoch .. '-' .. (seq + 1)
  redis.call('SET', count, life .. ':' .. epoch .. ':' .. (seq + 1), 'EX', ARGV[1])
  redis.call('XADD', past, 'MAXLEN', trim, kept, mark, ...)
  return mark
end
"""

ANNOUNCE = f"""{_LINE}
if KEYS[3] and redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
local marks = {{}}
for i = 4, #KEYS, 2 do
  if ARGV[7] == '1' then
    local epoch, seq = place(KEYS[i], KEYS[i + 1])
    if seq > 0 then epoch = begin(KEYS[i], KEYS[i + 1]) end
    marks[#marks + 1] = epoch .. '-0'
  else
    marks[#marks + 1] = add(KEYS[i], KEYS[i + 1], '=', ARGV[5], 'payload', ARGV[3])
    redis.call('EXPIRE', KEYS[i + 1], ARGV[4])
  end
end
add(KEYS[1], KEYS[2], '~', ARGV[6], 'channel', ARGV[2], 'payload', ARGV[3], 'marks', table.concat(marks, ' '))
if KEYS[3] then redis.call('SET', KEYS[3], 1, 'EX', ARGV[4]) end
return 1
"""
"""Keys: the bus' line; of an event also whether it was seen, and the line of each topic.
Values: NUMBERED_SECONDS, channel, payload, KEPT_SECONDS, KEPT_EVENTS, how much the bus keeps, 1 for an event
that comes too late: its topics begin anew instead, and its marks are 0."""

MISSED = f"""{_LINE}
local epoch, seq = place(KEYS[1], KEYS[2])
if epoch ~= ARGV[2] then return {{epoch, seq}} end
return {{epoch, seq, redis.call('XRANGE', KEYS[2], epoch .. '-' .. ARGV[3], '+')}}
"""
"""Keys: a line. Values: NUMBERED_SECONDS, the epoch and the first number of what is asked for."""

PLACES = f"""{_LINE}
local marks = {{}}
for i = 1, #KEYS, 2 do
  local epoch, seq = place(KEYS[i], KEYS[i + 1])
  marks[#marks + 1] = epoch .. '-' .. seq
end
return marks
"""
"""Keys: lines. Values: NUMBERED_SECONDS. Gives the mark of each line's last number, 0 when it has none."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A number on a line. Its text is also its entry's id in the line's stream."""

    epoch: str
    seq: int

    @classmethod
    def read(cls, text: bytes) -> "Mark":
        """Give the mark of its text."""
        epoch, _, seq = text.decode().partition("-")
        return cls(epoch, int(seq))

    @property
    def next(self) -> "Mark":
        return Mark(self.epoch, self.seq + 1)

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


Line = tuple[str, str]
"""The keys of a count and of its stream."""


class Keys:
    """Where a deployment keeps its lines."""

    def __init__(self, namespace: str) -> None:
        """namespace : keeps deployments that share a Redis apart"""
        self._prefix = f"doorstep:{namespace}" if namespace else "doorstep"

    @property
    def bus(self) -> Line:
        return f"{self._prefix}:bus:count", f"{self._prefix}:bus"

    def topic(self, channel: str, topic: str) -> Line:
        return f"{self._prefix}:{channel}:count:{topic}", f"{self._prefix}:{channel}:past:{topic}"

    def topics(self, channel: str, topics: Iterable[str]) -> list[str]:
        """Give the keys of several lines, one line after the other."""
        return [key for topic in topics for key in self.topic(channel, topic)]

    def seen(self, name: str) -> str:
        return f"{self._prefix}:seen:{name}"
