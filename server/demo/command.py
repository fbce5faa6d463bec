"""`python -m server create_fake_data`: demo data for marketplaces that have none."""

from collections.abc import Sequence

from server.bootstrap import open_markets, shared_parts
from server.demo.seed import Seeded, State, accounts_of, seed
from server.domain.marketplace import Marketplace
from server.embedded import embedded_services
from server.settings import Settings


async def create_fake_data(settings: Settings, meanings: Sequence[Marketplace]) -> int:
    """Fill the databases that are empty and say what was made; gives the exit status.

    It is 1 when a database has data of its own, which stays as it is.

    raises : EmbeddedError while a server holds the data folder
    """
    found: set[State] = set()
    async with (
        embedded_services(settings) as endpoints,
        shared_parts(settings, endpoints) as shared,
        open_markets(shared, meanings) as markets,
    ):
        for name, market in markets.items():
            seeded = await seed(market, shared)
            found.add(seeded.found)
            print(_report(name, seeded), flush=True)
    return int(State.OWN in found)


def _report(name: str, seeded: Seeded) -> str:
    """Give what was found and made as text, with the accounts where they are the demo's."""
    line = f"{name} {seeded.found}"
    if seeded.found is State.OWN:
        return f"{line}: nothing was written."
    made = ", ".join(f"{count} {store.replace('_', ' ')}" for store, count in seeded.made.items())
    line = f"{line}; made {made}." if made else f"{line}: nothing was written."
    return f"{line}\n{accounts_of(name)}"
