"""Structured logs: one JSON line an event, on standard error. No secret is ever an argument of a log call."""

import logging
import sys

import orjson
import structlog


def configure() -> None:
    """Send structlog's events and the libraries' warnings to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_bytes),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # Tornado's access log prints whole addresses, and a socket's address may carry a token.
    logging.getLogger("tornado.access").disabled = True


def _bytes(event: object, **_: object) -> bytes:
    return orjson.dumps(event, default=str)
