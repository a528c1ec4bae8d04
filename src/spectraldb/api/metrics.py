"""The metrics of the server, in the format of Prometheus.

`prometheus_client` decides on import whether several processes share their metrics, so
`PROMETHEUS_MULTIPROC_DIR` must be set before this module is imported.
"""

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUESTS = Counter("spectraldb_requests", "Number of requests", ["path", "status"])
SECONDS = Histogram(
    "spectraldb_request_seconds",
    "Duration of a response, to its last byte",
    ["path"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
BYTES = Counter("spectraldb_response_bytes", "Bytes of responses", ["path"])
RUNNING = Gauge(
    "spectraldb_requests_running", "Number of running requests", multiprocess_mode="livesum"
)


def count_request(path: str, status: int, size: int, seconds: float) -> None:
    """Count a request that has ended.

    Parameters
    ----------
    path, status
        Its labels.
    size
        Bytes of its response.
    seconds
        Duration of the request.
    """
    REQUESTS.labels(path, str(status)).inc()
    SECONDS.labels(path).observe(seconds)
    BYTES.labels(path).inc(size)


def render_metrics(*, multiple_processes: bool) -> bytes:
    """Return the metrics of this process, or the sum of those of all processes."""
    if not multiple_processes:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
