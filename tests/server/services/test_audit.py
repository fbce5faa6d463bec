"""The audit: every change leaves an entry, in the same transaction, without secrets."""

from dataclasses import replace

import pytest

from server import clock
from server.domain.changes import differences
from server.domain.entities import User
from server.services.audit import Audit, client_address
from server.store.changes import Changes
from server.store.database import Database
from server.store.ids import Ids

JANE = User(7, "jane", "jane@example.com", "vendor", clock.now(), password_hash="kept to ourselves")


@pytest.fixture
def changes(database: Database) -> Changes:
    return Changes(database)


@pytest.fixture
def audit(database: Database, changes: Changes) -> Audit:
    return Audit(changes, Ids(database))


def test_only_what_differs() -> None:
    """An entry repeats the changed fields, both values, and nothing else."""
    old, new = differences(JANE, replace(JANE, pincode="110001", is_available=True))
    assert old == {"pincode": None, "is_available": False}
    assert new == {"pincode": "110001", "is_available": True}


def test_no_secrets() -> None:
    """No entry repeats a password's hash, neither of a new account nor of a changed one."""
    assert "password_hash" not in differences(None, JANE)[1]
    assert differences(JANE, replace(JANE, password_hash="another")) == ({}, {})


async def test_actions(audit: Audit, changes: Changes) -> None:
    """A creation, an update, a deletion and a named action are told apart; nobody asked means the system."""
    client_address.set("192.0.2.7")
    await audit.record(None, None, JANE)
    await audit.record(None, JANE, replace(JANE, phone="+919876543210"))
    await audit.record(None, JANE, None)
    await audit.record(None, JANE, replace(JANE, is_active=False), "close")
    kept = await changes.find({"subject": "User", "subject_id": "7"}, sort=(("_id", 1),))
    assert [entry.action for entry in kept] == ["create", "update", "delete", "close"]
    assert {(entry.role, entry.user_id, entry.address) for entry in kept} == {("system", None, "192.0.2.7")}


async def test_what_is_undone_leaves_no_entry(audit: Audit, changes: Changes, database: Database) -> None:
    """A transaction that fails takes its entries with it."""

    async def fails() -> None:
        await audit.record(None, None, JANE)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.together(fails)
    assert await changes.count({"subject": "User"}) == 0
