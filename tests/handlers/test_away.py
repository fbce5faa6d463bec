"""What clients are told of faults that are not theirs."""

from dataclasses import replace

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, ServerSelectionTimeoutError

from handlers.call import Call
from handlers.homeserve.face import HOMESERVE_FACE
from handlers.route import Route
from server.embedded import Endpoints
from server.settings import Settings
from tests.handlers.conftest import serving


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (AutoReconnect("gone"), 503),
        (ServerSelectionTimeoutError("nobody there"), 503),
        (OperationFailure("secret words of the database"), 500),
        (ZeroDivisionError("secret words of ours"), 500),
    ],
)
@pytest.mark.parametrize("environment", ["development", "production"])
async def test_an_absent_database_is_a_503_and_our_faults_tell_nothing_in_production(
    settings: Settings, services: Endpoints, fault: Exception, status: int, environment: str
) -> None:
    """The face words both; details of a fault are shown in development alone, a traceback never."""

    async def fail(call: Call) -> None:
        raise fault

    face = replace(HOMESERVE_FACE, routes=(Route("GET", "/fail", fail, public=True),))
    strict = settings.model_copy(update={"environment": environment, "stripe_secret_key": "sk_test_none"})
    async with serving(strict, services, [face]) as served:
        reply = await served["homeserve"].get("/fail")
    assert reply.status == status
    assert "Traceback" not in str(reply.json)
    if environment == "production":
        assert "secret" not in str(reply.json)
    elif status == 500:
        assert set(reply.json) == {"error", "details"}
