"""Domain errors: a class is a reason, its facts travel with it.

No class knows a status code or a body: each face words reasons in its own error table, looked up along
the class's ancestors, so a face lists only the reasons it words differently.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class MarketError(Exception):
    """Any refusal that a client may be told of. `message` is safe to show, `facts` are named values."""

    message = "The request could not be carried out."

    def __init__(self, message: str | None = None, **facts: Any) -> None:
        self.message = message or type(self).message
        self.facts = facts
        super().__init__(self.message)


class Invalid(MarketError):
    """The input is wrong. `fields` names each faulty field with what is wrong about it."""

    message = "Invalid input."

    def __init__(self, fields: Mapping[str, Sequence[str]], message: str | None = None) -> None:
        self.fields = {name: list(reasons) for name, reasons in fields.items()}
        super().__init__(message or self._summary(), fields=self.fields)

    def _summary(self) -> str:
        return "; ".join(f"{name}: {' '.join(reasons)}" for name, reasons in self.fields.items())


class Missing(Invalid):
    """Required fields are absent. The summary names them: "service_id and pincode are required"."""

    def __init__(self, names: Sequence[str], others: Mapping[str, Sequence[str]] | None = None) -> None:
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        summary = f"{listed} {'is' if len(names) == 1 else 'are'} required"
        fields = {name: ["This field is required."] for name in names}
        super().__init__({**fields, **(others or {})}, summary)


class Taken(Invalid):
    """What must be one's own, as a name or an address, is somebody else's."""


class Malformed(MarketError):
    """The body is not what its content type says."""

    message = "The body could not be read."


class TooLarge(MarketError):
    """The body is larger than this operation takes. Facts: limit_bytes."""

    message = "The body is too large."


class HeadTooLarge(TooLarge):
    """The request line and headers are larger than anything documented."""

    message = "The request's headers are too large."


class Unauthenticated(MarketError):
    """No caller could be made out of the credentials."""

    message = "Authentication credentials were not provided."


class TokenInvalid(Unauthenticated):
    """The token is malformed, forged, expired, revoked or of another marketplace."""

    message = "Given token not valid for any token type"


class BadCredentials(Unauthenticated):
    """The name or the password is wrong; which of them is never said."""

    message = "No active account found with the given credentials"


class Forbidden(MarketError):
    """The caller is known and may not do this."""

    message = "You do not have permission to perform this action."


class NotFound(MarketError):
    """There is no such thing, or it is somebody else's. Facts: field (that named it, where one did)."""

    message = "Not found."


class UnknownPincode(NotFound):
    """The pincode is not in the table. Facts: pincode."""

    message = "Pincode not found"


class NotAllowed(MarketError):
    """The path exists, the method does not. Facts: method, allowed."""

    message = "Method not allowed."


class Conflict(MarketError):
    """The state of things forbids it now."""

    message = "The request conflicts with the present state."


class SlotTaken(Conflict):
    """The vendor's time is held or too near to held time. Facts: alternatives (free slots, may be empty)."""

    message = "The requested time is not available"


class InvalidMove(Conflict):
    """The lifecycle has no such move from this state. Facts: state, action."""

    message = "The booking cannot be moved like that in its present state."


class Stale(Conflict):
    """Somebody else changed the object first."""

    message = "The object was changed by somebody else; read it again."


class Outdated(Conflict):
    """What was planned no longer holds. Facts: bookings, providers: the ids of what has changed since."""

    message = "Some of what was planned has changed since; plan again."


class KeyReused(Conflict):
    """The idempotency key was used for another request, or its first request is still running."""

    message = "This Idempotency-Key was used for a different request."


class TooMany(MarketError):
    """A rate limit. Facts: retry_after_seconds."""

    message = "Request was throttled."


class Busy(MarketError):
    """Overloaded, or a part it needs is away: worth trying again shortly."""

    message = "The service is busy; try again."


class WrongTable(Exception):
    """A table (routes, lifecycle) contradicts itself; raised at start, names the row."""
