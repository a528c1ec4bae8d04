"""CPU time of the processes of a server."""

import os
from pathlib import Path

_PARENT, _TIMES = 1, slice(11, 15)
"""Fields of /proc/PID/stat after the name: the parent, and the times of the process and of its
children that have ended."""


def tree_seconds(pid: int) -> float:
    """Return the seconds that a process and its descendants have used; 0 where /proc is missing."""
    parents, ticks = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # the process has ended
        number = int(path.parent.name)
        parents[number] = int(fields[_PARENT])
        ticks[number] = sum(map(int, fields[_TIMES]))
    tree = [number for number in parents if _descends(number, pid, parents)]
    return sum(ticks[number] for number in tree) / os.sysconf("SC_CLK_TCK")


def _descends(number: int, pid: int, parents: dict[int, int]) -> bool:
    while number in parents and number != pid:
        number = parents[number]
    return number == pid
