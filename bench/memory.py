"""Memory of processes from Linux's /proc; other systems do not report it."""

from pathlib import Path

MIB = 2**20


def resident(pid: int) -> int | None:
    """Return the resident memory of a process in bytes, or None if unknown."""
    return _status(pid, "VmRSS")


def own(pid: int) -> int | None:
    """Return the anonymous memory of a process in bytes, or None if unknown.

    Pages of mapped files do not count: the system reclaims them when it needs memory.
    """
    return _status(pid, "RssAnon")


def peak(pid: int) -> int | None:
    """Return the peak memory of a process since `reset_peak` or its start, or None if unknown."""
    return _status(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    """Reset the peak memory (5 is the code for this in proc(5))."""
    path = Path(f"/proc/{pid}/clear_refs")
    if path.exists():
        path.write_text("5")


def tree_peak(pid: int) -> int:
    """Return the summed peak memory of a process and its descendants; 0 if unknown."""
    return (peak(pid) or 0) + sum(tree_peak(child) for child in _children(pid))


def tree_own(pid: int) -> int:
    """Return the summed anonymous memory of a process and its descendants; 0 if unknown."""
    return (own(pid) or 0) + sum(tree_own(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # the process has ended, or the system is not Linux
        return []
    return [int(word) for word in text.split()]


def _status(pid: int, name: str) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(found[0]) * 1024 if found else None
