"""What HomeServe's tests share beside the scene."""

from collections.abc import Callable
from datetime import datetime

import pytest

from server import clock


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock; time goes on from there."""
    present = clock.now

    def to(moment: datetime) -> None:
        ahead = moment - present()
        monkeypatch.setattr(clock, "now", lambda: present() + ahead)

    return to
