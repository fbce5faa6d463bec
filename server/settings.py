"""The environment, read once. Every malformed or missing key is named, all at once."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

SECRET_BYTES = 48
MIN_SECRET_CHARACTERS = 32


class SettingsError(Exception):
    """The environment cannot be used; a line a key."""


def _parts(text: Any) -> Any:
    """Give the parts of a comma-separated text."""
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _pairs(text: Any) -> Any:
    """Give name -> value of "name=value,name=value"."""
    if not isinstance(text, str):
        return text
    pairs = [part.partition("=") for part in _parts(text)]
    if not all(name and equals and value for name, equals, value in pairs):
        raise ValueError("expected marketplace=host, comma-separated")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _url(schemes: str) -> Any:
    return Field(pattern=rf"^({schemes})://\S+$")


Texts = Annotated[tuple[str, ...], BeforeValidator(_parts)]
WebUrl = Annotated[str, _url("https?")]


class Settings(BaseModel):
    """What a process is told from outside. Field names are the variables' in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """0 takes any free port."""
    data_dir: Path = Path("data")
    """Embedded database, files, outbox, generated secret."""
    mongodb_uri: Annotated[str, _url(r"mongodb(\+srv)?")] | None = None
    """A real MongoDB (replica set or sharded cluster); unset: embedded."""
    db_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,30}$")] = "doorstep"
    """Databases are <prefix>_<marketplace>."""
    redis_url: Annotated[str, _url("rediss?|unix")] | None = None
    """A real Redis or Valkey; unset: embedded."""
    environment: Literal["development", "production"] = "development"
    """Production demands a secret, refuses demo data and mock payments, and hides details of errors."""
    secret_key: Annotated[str, Field(min_length=MIN_SECRET_CHARACTERS)] = ""
    """Signs tokens and quotes; unset: made once and kept in DATA_DIR."""
    demo: bool = False
    """Fill empty databases with the demo marketplace."""
    admin_email: str | None = None
    admin_password: Annotated[str, Field(min_length=8)] | None = None
    """The first administrator of every marketplace; both or none."""
    default_marketplace: str = "homeserve"
    """Who answers at the root of hosts that are nobody's."""
    marketplace_hosts: Annotated[dict[str, str], BeforeValidator(_pairs)] = {}
    """Marketplace -> its host name."""
    site_url: WebUrl = "http://localhost:8000"
    frontend_url: WebUrl = "http://localhost:3000"
    """Where links in mails lead."""
    cors_origins: Texts = ()
    """Origins whose pages may call and connect."""
    trusted_proxies: Texts = ()
    """Addresses whose X-Forwarded-For counts."""
    smtp_url: Annotated[str, _url("smtps?")] | None = None
    """Mail server; unset: a file a mail in DATA_DIR/outbox."""
    sms_url: WebUrl | None = None
    """Takes POST {"to", "text"}; unset: a file a message in DATA_DIR/outbox."""
    stripe_secret_key: str | None = None
    """Unset: the offline gateway, whose ids begin with pi_mock_."""
    stripe_webhook_secret: str | None = None
    stripe_api_base: WebUrl | None = None
    platform_fee_percentage: Annotated[float, Field(ge=0, lt=1)] = 0.10
    """Commission as a fraction of the price."""
    access_token_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 60
    refresh_token_days: Annotated[int, Field(ge=1, le=365)] = 7

    @model_validator(mode="after")
    def _whole(self) -> "Settings":
        if (self.admin_email is None) != (self.admin_password is None):
            raise PydanticCustomError("pair", "ADMIN_EMAIL and ADMIN_PASSWORD go together")
        if self.environment == "production":
            faults = [
                (not self.secret_key, "SECRET_KEY is required in production"),
                (self.demo, "DEMO is refused in production"),
                (not self.stripe_secret_key, "STRIPE_SECRET_KEY is required in production"),
            ]
            wrong = [why for is_wrong, why in faults if is_wrong]
            if wrong:
                raise PydanticCustomError("production", "{why}", {"why": "\n".join(wrong)})
        return self

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "Settings":
        """Read the variables; an empty value counts as unset.

        raises : SettingsError with a line for every key that is wrong
        """
        given = {
            name: variables[name.upper()]
            for name in cls.model_fields
            if variables.get(name.upper(), "") != ""
        }
        try:
            settings = cls.model_validate(given)
        except ValidationError as wrong:
            raise SettingsError("\n".join(_lines(wrong))) from None
        if settings.secret_key:
            return settings
        return settings.model_copy(update={"secret_key": _kept_secret(settings.data_dir)})


def _lines(wrong: ValidationError) -> list[str]:
    """Give a line a fault, naming the variable and never its value, which may be secret."""
    return [
        f"{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
        if fault["loc"]
        else fault["msg"]
        for fault in wrong.errors(include_input=False)
    ]


def _kept_secret(data_dir: Path) -> str:
    """Give the secret of a data folder, made at the first start and readable by its owner alone."""
    path = data_dir / "secret"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        file.write(secret)
    return secret
