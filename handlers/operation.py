"""The one dispatcher: walks a row. Caller, role, query, body, call, reply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from pydantic import TypeAdapter
from typing_extensions import is_typeddict

from handlers.call import Call, Origin
from handlers.reading import Reader
from handlers.route import Face, Route
from handlers.uploads import Upload
from server.domain.parties import Caller
from server.errors import Forbidden, Invalid, Malformed, Unauthenticated
from server.market import Market
from server.services.audit import client_address

MAX_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as the front hands it over."""

    origin: Origin
    path: Mapping[str, Any]
    authorization: str
    content_type: str
    key: str | None
    headers: Mapping[str, str]
    raw: bytes
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and the headers beyond the usual ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def unless_known(self, known: str | None) -> "Answer":
        """Give itself, or 304 without a body when the client has it: `known` is its If-None-Match."""
        tag = self.headers.get("ETag")
        tags = [one.strip().removeprefix("W/") for one in (known or "").split(",")]
        return Answer(304, b"", self.headers) if tag is not None and tag in tags else self


class Operation:
    """A Route compiled for one face and one market."""

    def __init__(self, route: Route, face: Face, market: Market) -> None:
        self.route = route
        self._face = face
        self._market = market
        self._query = Reader(route.query) if route.query else None
        self._body = Reader(route.body) if route.body else None
        self._reply: TypeAdapter[Any] | None = TypeAdapter(route.reply) if route.reply is not None else None
        # What a row builds as a dictionary of the documented fields is dumped as it is.
        self._reads_attributes = self._reply is not None and not is_typeddict(route.reply)

    async def caller(self, authorization: str) -> Caller | None:
        """Give who calls, None for a visitor of a public row.

        raises : Unauthenticated, TokenInvalid, or Forbidden when the row is not for their role
        """
        if self.route.public:
            return None
        token = self._face.read_token(authorization) if authorization else None
        if token is None:
            raise Unauthenticated()
        caller = self._market.tokens.known(token) or await self._market.tokens.verify(token)
        if caller.role not in self.route.roles:
            raise Forbidden()
        return caller

    async def answer(self, request: Request) -> Answer:
        """Carry out the row; raises domain errors, which the front has the face spell."""
        caller = await self.caller(request.authorization)
        if self.route.method != "GET":
            client_address.set(request.origin.address)
        call = Call(
            market=self._market,
            visitor=caller,
            path=request.path,
            query=self._query.values(dict(request.origin.arguments)) if self._query else None,
            body=self._read_body(request),
            origin=request.origin,
            key=request.key,
            raw=request.raw,
            headers=request.headers,
        )
        if request.key is None or self.route.method != "POST" or caller is None:
            return await self._carry_out(call)
        return await self._once(call, caller, request)

    async def _carry_out(self, call: Call) -> Answer:
        result = await self.route.call(call)
        if self.route.status == 204:
            return Answer(204, b"")
        if isinstance(result, Answer):  # a file is no JSON
            return result
        reply = result
        if self._reply is not None and self._reads_attributes:
            reply = self._reply.validate_python(result, from_attributes=True)
        if self._face.wrap is not None:
            plain = self._reply.dump_python(reply, mode="json") if self._reply is not None else reply
            return Answer(self.route.status, orjson.dumps(self._face.wrap(plain)))
        body = orjson.dumps(reply) if self._reply is None else self._reply.dump_json(reply)
        return Answer(self.route.status, body)

    async def _once(self, call: Call, caller: Caller, request: Request) -> Answer:
        """Carry the row out at most once for this user's key, and give the same answer ever after."""
        if request.key is None or not 0 < len(request.key) <= MAX_KEY_CHARACTERS:
            raise Invalid({"Idempotency-Key": [f"Between 1 and {MAX_KEY_CHARACTERS} characters."]})
        content = request.upload.digest() if request.upload else request.raw
        fingerprint = sha256(f"{self.route.name}\n{request.origin.path}\n".encode() + content).hexdigest()

        async def work() -> tuple[int, bytes]:
            answer = await self._carry_out(call)
            return answer.status, answer.body

        status, body = await self._market.idempotency.once(caller.user_id, request.key, fingerprint, work)
        return Answer(status, body)

    def _read_body(self, request: Request) -> Any:
        if self._body is None:
            return None
        if request.upload is not None:
            return self._body.values(request.upload.values())
        kind = request.content_type.partition(";")[0].strip().lower()
        if request.raw and kind not in ("", "application/json"):
            raise Malformed("Send the body as application/json.")
        return self._body.json(request.raw)
