"""What proves a signature: its record, the record's hash, and what becomes of them when somebody tampers."""

from datetime import timedelta
from hashlib import sha256
from json import loads
from typing import Any

import pytest

from server import clock
from tests.handlers.client import Account
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.signing import RATING, requested, sign


async def test_anybody_can_verify_the_record(scene: Scene) -> None:
    """The record hashes to the hash that signing gave, and says who signed what, when and how rated."""
    booking_id, signature_id = await requested(scene)
    digest = (await sign(scene, signature_id)).json["signature_hash"]
    listed = (await scene.api.get(f"/api/signatures/{signature_id}/", token=scene.customer.token)).json
    for account in (scene.customer, scene.vendor, scene.ops):
        shown = await verified(scene, signature_id, account)
        assert (shown["is_valid"], shown["signature_hash"]) == (True, digest)
        assert sha256(shown["record"].encode()).hexdigest() == digest
    record = loads(shown["record"])
    assert record == {
        "booking": booking_id,
        "comments": RATING["comments"],
        "rating": 5,
        "signature": signature_id,
        "signed_at": record["signed_at"],
        "signed_by": scene.customer.id,
    }
    assert f"{record['signed_at'][:19]}Z" == listed["signed_at"]


@pytest.mark.parametrize(
    "changes",
    [
        {"rating": 1},
        {"comments": "Terrible"},
        {"customer_id": 2},
        {"booking_id": "550e8400-e29b-41d4-a716-446655440000"},
        {"signed_at": clock.now() - timedelta(days=1)},
        {"digest": "0" * 64},
        {"digest": None},
        {"state": "pending"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_what_was_tampered_with_is_not_valid(scene: Scene, changes: dict[str, Any]) -> None:
    """Whichever fact of a signed record is changed in the database, the signature no longer verifies."""
    _, signature_id = await requested(scene)
    await sign(scene, signature_id)
    assert (await verified(scene, signature_id, scene.ops))["is_valid"] is True
    await scene.api.market.stores.signatures.change(signature_id, changes)
    assert (await verified(scene, signature_id, scene.ops))["is_valid"] is False


async def test_nothing_is_valid_before_it_is_signed(scene: Scene) -> None:
    """An open signature has neither record nor hash."""
    _, signature_id = await requested(scene)
    shown = await verified(scene, signature_id, scene.vendor)
    assert (shown["is_valid"], shown["record"], shown["signature_hash"]) == (False, None, None)


async def verified(scene: Scene, signature_id: str, account: Account) -> Any:
    """Give the check of a signature as an account sees it."""
    answer = await scene.api.get(f"/api/signatures/{signature_id}/verify/", token=account.token)
    assert answer.status == 200, answer.json
    return answer.json
