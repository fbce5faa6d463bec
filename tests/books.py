"""The ledger, added up."""

from server.market import Market


async def balanced(market: Market) -> dict[str, int]:
    """Give every account's balance; fails when the ledger does not add up."""
    balances: dict[str, int] = {}
    for entry in await market.stores.ledger.find({}):
        assert sum(leg.amount_minor for leg in entry.legs) == 0
        for leg in entry.legs:
            balances[leg.account] = balances.get(leg.account, 0) + leg.amount_minor
    assert sum(balances.values()) == 0
    return balances
