"""The command ``spectraldb``, and ``python -m spectraldb``."""

import sys


def main() -> None:
    """Run the command; with the client alone installed, say what it needs."""
    try:
        from spectraldb.cli import app  # noqa: PLC0415 - imported when it is needed
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("spectraldb"):
            raise
        sys.exit(
            f"the command needs more than the client ({error.name} is not installed): "
            "pip install 'spectraldb[server]', or in a clone pip install '.[server]'"
        )
    app()


if __name__ == "__main__":
    main()
