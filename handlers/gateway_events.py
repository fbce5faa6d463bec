"""The payment gateway's events, which faces take at an address of their own."""

from pydantic import BaseModel

from handlers.call import Call


class Heard(BaseModel):
    received: bool


async def hear_gateway(call: Call) -> dict[str, bool]:
    """Take an event of the payment gateway, proven by its signature."""
    await call.market.hearing.hear(call.raw, call.headers.get("stripe-signature", ""))
    return {"received": True}
