"""The requests that no limit refuses."""

from starlette.types import Scope

EXEMPT_PATHS = ("/health", "/ready", "/metrics")
"""Always answered, so that a busy server does not look like a dead one."""


def is_limited(scope: Scope) -> bool:
    """Return whether limits apply to a request."""
    return scope["type"] == "http" and scope["path"] not in EXEMPT_PATHS
