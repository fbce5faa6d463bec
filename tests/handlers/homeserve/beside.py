"""A second server of the same marketplace: what another process, or the next life of this one, is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from handlers.application import build, listening
from handlers.homeserve.face import HOMESERVE_FACE
from server.bootstrap import open_markets, shared_parts
from server.embedded import Endpoints
from server.settings import Settings
from tests.handlers.client import Api
from tests.handlers.homeserve.scene import Scene


@asynccontextmanager
async def beside(scene: Scene, settings: Settings, services: Endpoints) -> AsyncIterator[Api]:
    """Serve what the scene's server serves, with nothing in common but database and Redis."""
    prefix = scene.api.market.database.name.removesuffix("_homeserve")
    same = settings.model_copy(update={"db_prefix": prefix, "default_marketplace": "homeserve"})
    async with (
        shared_parts(same, services) as shared,
        open_markets(shared, [HOMESERVE_FACE.marketplace]) as markets,
        listening(build([HOMESERVE_FACE], markets, same, services.embedded), "127.0.0.1", 0) as port,
    ):
        api = Api(port, markets["homeserve"])
        yield api
        api.close()
