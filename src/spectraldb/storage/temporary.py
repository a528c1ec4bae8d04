"""What is being made has a name that says so, and gets its own once it is whole."""

import uuid
from pathlib import Path, PurePath

MARK = ".partial-"


def temporary_path(path: Path) -> Path:
    """Return where a file or a folder is made; no other process makes it there."""
    return path.with_name(f"{path.name}{MARK}{uuid.uuid4().hex}")


def is_temporary(path: str | PurePath) -> bool:
    """Tell whether something is being made, or was when its process died."""
    return MARK in PurePath(path).name
