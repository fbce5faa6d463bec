"""What the assistant's answers have in common; each subject has a file of its own beside this one."""

from collections.abc import Awaitable, Callable, Mapping

from server.chat.intents import Intent, Meaning
from server.domain.paging import Paging
from server.domain.parties import Caller

SHOWN = Paging(1, 5)
"""As many as are told of in one answer."""
MANY = Paging(1, 100)

Answer = Callable[[Caller, Meaning, str], Awaitable[str]]
"""(who is answered, what was understood, what was said): the answer."""

Answers = Mapping[Intent, Answer]
