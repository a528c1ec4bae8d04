"""Free ports of this machine, for servers that tests and benchmarks start."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port that no process listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
