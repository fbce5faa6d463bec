"""Prometheus metrics. Labelled children are cached, because looking them up costs more than counting."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

_requests = Counter("doorstep_http_requests", "Answers sent.", ("market", "route", "status"))
_seconds = Histogram(
    "doorstep_http_request_seconds",
    "From the headers to the answer.",
    ("market", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)

SOCKETS = Gauge("doorstep_sockets", "Open WebSocket connections.", multiprocess_mode="livesum")
QUEUED_BYTES = Gauge(
    "doorstep_socket_queued_bytes",
    "What the kernel did not take yet of what WebSocket clients are sent.",
    multiprocess_mode="livesum",
)
LAG_SECONDS = Histogram(
    "doorstep_event_lag_seconds",
    "From a change to its delivery in this process, over outbox and bus.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0),
)
ROADS = Counter("doorstep_road_tables", "Tables of driving times asked for.", ("outcome",))
REPLAYED = Counter("doorstep_events_replayed", "Events told to clients that had missed them.")
RESYNCS = Counter("doorstep_resyncs", "Clients that had missed more than is known.")
BUS_LOST = Counter("doorstep_bus_lost", "How often the bus lost its connection.")
BUS_GAPS = Counter("doorstep_bus_gaps", "How often this process missed messages of the bus.")
EVENTS = Counter("doorstep_events_delivered", "Frames handed to WebSocket connections.")
DROPPED = Counter("doorstep_slow_clients_closed", "Connections closed because they did not read.")
_outbox_waiting = Gauge(
    "doorstep_outbox_waiting",
    "Events a crash or an outage left behind, at the last sweep.",
    ("market",),
    multiprocess_mode="livemax",
)

_attempts = Counter("doorstep_task_attempts", "Attempts at background work.", ("market", "job", "outcome"))


@cache
def requests(market: str, route: str, status: str) -> Counter:
    """Give the counter of one route and status; routes and statuses are few."""
    return _requests.labels(market, route, status)


@cache
def request_seconds(market: str, route: str) -> Histogram:
    """Give the latency histogram of one route."""
    return _seconds.labels(market, route)


def outbox_waiting(market: str) -> Gauge:
    """Give the gauge of one marketplace."""
    return _outbox_waiting.labels(market)


def task_attempts(market: str, job: str, outcome: str) -> Counter:
    """Give the counter of one job's attempts that went well (done), badly (failed), or were put back."""
    return _attempts.labels(market, job, outcome)
