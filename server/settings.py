"""The environment, read once. Every malformed or missing key is named, all at once."""

import os
import secrets
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

SECRET_BYTES = 48
MIN_SECRET_CHARACTERS = 32
"""Fewer could be guessed from one token, offline."""


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


def _url(*schemes: str) -> AfterValidator:
    def checked(text: str) -> str:
        scheme, _, rest = text.partition("://")
        if scheme not in schemes or not rest or any(character.isspace() for character in text):
            raise ValueError(f"expected {' or '.join(f'{scheme}://…' for scheme in schemes)}")
        return text

    return AfterValidator(checked)


Texts = Annotated[tuple[str, ...], BeforeValidator(_parts)]
WebUrl = Annotated[str, _url("http", "https")]


class Settings(BaseModel):
    """What a process is told from outside. Field names are the variables' in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """0 takes any free port."""
    data_dir: Path = Path("data")
    """Embedded database, files, outbox, generated secret."""
    mongodb_uri: Annotated[str, _url("mongodb", "mongodb+srv")] | None = None
    """A real MongoDB (replica set or sharded cluster); unset: embedded."""
    db_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,30}$")] = "doorstep"
    """Databases are <prefix>_<marketplace>."""
    redis_url: Annotated[str, _url("redis", "rediss", "unix")] | None = None
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
    site_url: WebUrl | None = None
    """Where links in mails to this server lead; unset: http://localhost:<port>."""
    frontend_url: WebUrl = "http://localhost:3000"
    """Where links in mails to the apps lead, and Stripe sends providers back to."""
    cors_origins: Texts = ()
    """Origins whose pages may call and connect."""
    trusted_proxies: Texts = ()
    """Addresses whose X-Forwarded-For counts."""
    smtp_url: Annotated[str, _url("smtp", "smtps")] | None = None
    """Mail server; unset: a file a mail in DATA_DIR/outbox."""
    sms_url: WebUrl | None = None
    """Takes POST {"to", "text"}, with an Idempotency-Key where it may come twice; unset: a file a message in
    DATA_DIR/outbox."""
    stripe_secret_key: str | None = None
    """Unset: the offline gateway, whose ids begin with pi_mock_ and acct_mock_."""
    stripe_webhook_secret: str | None = None
    """Checks the signatures of Stripe's events, also with the offline gateway. Comma-separated where several
    endpoints tell them: Stripe's of accounts has a secret of its own."""
    stripe_api_base: WebUrl | None = None
    """Another address for Stripe's API; unset: the real one."""
    platform_fee_percentage: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.10
    """Commission as a fraction of the price."""
    files_url: Annotated[str, _url("s3")] | None = None
    """Bucket of uploads, s3://bucket/prefix?endpoint=…&region=…; unset: DATA_DIR/media."""
    google_tokeninfo_url: WebUrl = "https://oauth2.googleapis.com/tokeninfo"
    facebook_graph_url: WebUrl = "https://graph.facebook.com"
    """Who vouches for social sign-ins."""
    travel_url: WebUrl | None = None
    """An OSRM-compatible /table service; unset: the engine's model."""
    access_token_minutes: Annotated[int, Field(ge=1, le=24 * 60)] | None = None
    """How long an access token is valid, minutes; unset: as each marketplace has it."""
    refresh_token_days: Annotated[int, Field(ge=1, le=365)] = 7
    """How long a refresh token is valid, days."""
    jobs: Literal["inline", "none"] = "inline"
    """inline: serving processes also do the background work; none: `python -m server worker` does."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Server processes on one port."""

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "Settings":
        """Read the variables; an empty value counts as unset.

        raises : SettingsError with a line for every key that is wrong
        """
        names = {name: name.upper() for name in cls.model_fields}
        given = {name: variables[key] for name, key in names.items() if variables.get(key)}
        wrong: dict[str, str] = {}
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            wrong = _reasons(error)
            # What is right is judged by the rules all the same, so that one start names everything.
            settings = cls.model_validate({name: text for name, text in given.items() if name not in wrong})
        wrong = {**settings._broken_rules(), **wrong}
        if wrong:
            raise SettingsError("\n".join(f"{names[name]}: {why}" for name, why in wrong.items()))
        return settings._completed()

    def check_marketplaces(self, known: Collection[str]) -> None:
        """Raise SettingsError when a setting names a marketplace that nobody serves."""
        wrong = [
            f"{key}: there is no marketplace {name!r}; there are {', '.join(sorted(known))}"
            for key, names in (
                ("DEFAULT_MARKETPLACE", [self.default_marketplace]),
                ("MARKETPLACE_HOSTS", self.marketplace_hosts),
            )
            for name in names
            if name not in known
        ]
        if wrong:
            raise SettingsError("\n".join(wrong))

    def _broken_rules(self) -> dict[str, str]:
        """Give what no field can see alone: field -> what is wrong."""
        rules = [
            ("admin_email", bool(self.admin_password) > bool(self.admin_email), "goes with ADMIN_PASSWORD"),
            ("admin_password", bool(self.admin_email) > bool(self.admin_password), "goes with ADMIN_EMAIL"),
            ("secret_key", self.is_production and not self.secret_key, "required in production"),
            ("demo", self.is_production and self.demo, "refused in production"),
            (
                "stripe_secret_key",
                self.is_production and not self.stripe_secret_key,
                "required in production, which takes no mock payments",
            ),
        ]
        return {name: why for name, is_broken, why in rules if is_broken}

    def _completed(self) -> "Settings":
        """Give the settings with the defaults that depend on others."""
        return self.model_copy(
            update={
                "site_url": self.site_url or f"http://localhost:{self.port}",
                "secret_key": self.secret_key or _kept_secret(self.data_dir),
            }
        )


def _reasons(error: ValidationError) -> dict[str, str]:
    """Give field -> what is wrong, never with the value, which may be secret."""
    return {
        str(fault["loc"][0]): fault["msg"].removeprefix("Value error, ")
        for fault in error.errors(include_input=False)
    }


def _kept_secret(data_dir: Path) -> str:
    """Give the secret of a data folder, made at the first start and readable by its owner alone.

    raises : SettingsError when the folder cannot be used or the kept secret is damaged
    """
    path = data_dir / "secret"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _keep_secret(path)
        secret = path.read_text().strip()
    except OSError as unusable:
        reason = f"{unusable.strerror}: {unusable.filename}"
        raise SettingsError(f"DATA_DIR: cannot be used: {reason}") from unusable
    if len(secret) < MIN_SECRET_CHARACTERS:
        raise SettingsError(f"SECRET_KEY: {path} is damaged; removing it signs everybody out")
    return secret


def _keep_secret(path: Path) -> None:
    """Make a secret; it appears whole or not at all, and the first of several makers wins."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # mkstemp makes files of mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)
