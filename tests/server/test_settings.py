"""What a process makes of its environment."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import MIN_SECRET_CHARACTERS, Settings, SettingsError

SECRET = "s" * MIN_SECRET_CHARACTERS
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": SECRET, "STRIPE_SECRET_KEY": "sk_live_1"}


def read(folder: Path, **variables: str) -> Settings:
    """Give the settings of an environment whose data folder is `folder`."""
    return Settings.from_environment({"DATA_DIR": str(folder), **variables})


def refused_keys(**variables: str) -> list[str]:
    """Give the keys that a refusal names, a line each, in no order."""
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({"SECRET_KEY": SECRET, **variables})
    return sorted(line.partition(":")[0] for line in str(refusal.value).split("\n"))


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    """An empty environment serves demo-less homeserve on port 8000 of loopback, everything embedded."""
    settings = read(tmp_path)
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert (settings.mongodb_uri, settings.redis_url, settings.demo) == (None, None, False)
    assert (settings.db_prefix, settings.default_marketplace) == ("doorstep", "homeserve")
    assert (settings.access_token_minutes, settings.refresh_token_days) == (None, 7)
    assert settings.platform_fee_percentage == 0.10
    assert not settings.is_production


def test_the_site_is_where_the_server_listens(tmp_path: Path) -> None:
    """Without SITE_URL, links in mails lead to the port that is served."""
    assert read(tmp_path, PORT="9001").site_url == "http://localhost:9001"
    assert read(tmp_path, PORT="9001", SITE_URL="https://a.example").site_url == "https://a.example"


def test_texts_become_values(tmp_path: Path) -> None:
    """Lists and pairs are comma-separated, blanks do not matter, an empty value counts as unset."""
    settings = read(
        tmp_path,
        CORS_ORIGINS="https://a.example, https://b.example",
        MARKETPLACE_HOSTS="banister=b.example, alist=a.example",
        DEMO="1",
        REDIS_URL="",
    )
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.marketplace_hosts == {"banister": "b.example", "alist": "a.example"}
    assert settings.demo
    assert settings.redis_url is None


def test_every_bad_key_is_named_at_once() -> None:
    """Malformed values and broken rules are all reported by one start, a line a key."""
    named = refused_keys(
        PORT="abc",
        MONGODB_URI="localhost",
        REDIS_URL="redis://",
        PLATFORM_FEE_PERCENTAGE="nan",
        MARKETPLACE_HOSTS="banister",
        WORKERS="0",
        ADMIN_EMAIL="root@a.example",
        ENVIRONMENT="production",
        DEMO="1",
        SECRET_KEY="short",
    )
    assert named == [
        "ADMIN_PASSWORD",
        "DEMO",
        "MARKETPLACE_HOSTS",
        "MONGODB_URI",
        "PLATFORM_FEE_PERCENTAGE",
        "PORT",
        "REDIS_URL",
        "SECRET_KEY",
        "STRIPE_SECRET_KEY",
        "WORKERS",
    ]


def test_a_refusal_does_not_show_values() -> None:
    """A secret that is refused does not end up in a terminal or a log."""
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({"SECRET_KEY": "hunter2", "REDIS_URL": "http://:hunter3@redis"})
    assert "hunter" not in str(refusal.value)


def test_production_demands_what_development_makes_up() -> None:
    """Production refuses to start without a secret, with demo data, and without a real Stripe."""
    assert Settings.from_environment(PRODUCTION).is_production
    for broken, key in (
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"DEMO": "1"}, "DEMO"),
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY"),
    ):
        assert refused_keys(**{**PRODUCTION, **broken}) == [key]


def test_an_administrator_has_address_and_password() -> None:
    """One without the other is refused, naming what is absent's other half."""
    assert refused_keys(ADMIN_EMAIL="root@a.example") == ["ADMIN_PASSWORD"]
    assert refused_keys(ADMIN_PASSWORD="a long password") == ["ADMIN_EMAIL"]


def test_settings_cannot_change(tmp_path: Path) -> None:
    """What was read at the start holds until the end."""
    settings = read(tmp_path)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """Every start with one data folder signs with the same secret, which nobody else can read."""
    folder = tmp_path / "data"
    first = read(folder).secret_key
    assert len(first) >= MIN_SECRET_CHARACTERS
    assert read(folder).secret_key == first
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert os.listdir(folder) == ["secret"]


def test_simultaneous_first_starts_agree_on_one_secret(tmp_path: Path) -> None:
    """Whoever comes second reads the first one's secret, whole."""
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: read(tmp_path).secret_key, range(32)))
    assert len(secrets) == 1
    assert len(secrets.pop()) >= MIN_SECRET_CHARACTERS


def test_a_damaged_secret_is_not_used(tmp_path: Path) -> None:
    """A secret file that a crash or a hand emptied is refused, not taken as the empty key."""
    (tmp_path / "secret").write_text("")
    with pytest.raises(SettingsError, match=r"^SECRET_KEY: "):
        read(tmp_path)


def test_an_unusable_data_folder_is_named(tmp_path: Path) -> None:
    """A DATA_DIR that is a file is one line about DATA_DIR."""
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^DATA_DIR: .*\Z"):
        read(tmp_path / "file")


def test_unknown_marketplaces_are_named(tmp_path: Path) -> None:
    """A default or a host of a marketplace that nobody serves is refused, key by key."""
    settings = read(tmp_path, DEFAULT_MARKETPLACE="nobody", MARKETPLACE_HOSTS="nobody=a.example")
    with pytest.raises(SettingsError) as refusal:
        settings.check_marketplaces(["homeserve"])
    assert [line.partition(":")[0] for line in str(refusal.value).split("\n")] == [
        "DEFAULT_MARKETPLACE",
        "MARKETPLACE_HOSTS",
    ]
    read(tmp_path).check_marketplaces(["homeserve"])
