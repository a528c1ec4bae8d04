"""The paths to which limits do not apply."""

from starlette.types import Scope

EXEMPT_PATHS = ("/health", "/ready", "/metrics")
"""Always answered, so that a busy server is not mistaken for a dead one."""


def is_limited(scope: Scope) -> bool:
    """Return whether limits apply to a request."""
    return scope["type"] == "http" and scope["path"] not in EXEMPT_PATHS
