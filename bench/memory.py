"""What memory a process takes, as Linux counts it; other systems do not tell."""

from pathlib import Path

MIB = 2**20


def resident(pid: int) -> int | None:
    """Return the bytes that a process has in memory now."""
    return _status(pid, "VmRSS")


def own(pid: int) -> int | None:
    """Return the bytes in memory that are the process's own, and not pages of files it maps.

    The system takes mapped pages back whenever it needs memory.
    """
    return _status(pid, "RssAnon")


def peak(pid: int) -> int | None:
    """Return the most bytes that a process had in memory since `reset_peak`, or its start."""
    return _status(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    """Forget the peak so far (5 is the number of that in proc(5))."""
    path = Path(f"/proc/{pid}/clear_refs")
    if path.exists():
        path.write_text("5")


def tree_peak(pid: int) -> int:
    """Return the sum of the peaks of a process and its children; 0 where nothing tells."""
    return (peak(pid) or 0) + sum(tree_peak(child) for child in _children(pid))


def tree_own(pid: int) -> int:
    """Return what a process and its children have of their own; 0 where nothing tells."""
    return (own(pid) or 0) + sum(tree_own(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it has ended, or this is no Linux
        return []
    return [int(word) for word in text.split()]


def _status(pid: int, name: str) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(found[0]) * 1024 if found else None
