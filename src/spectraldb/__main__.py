"""Entry point of the command ``spectraldb`` and of ``python -m spectraldb``."""

import sys


def main() -> None:
    """Run the command; if only the client is installed, print how to install the command."""
    try:
        from spectraldb.cli import app  # noqa: PLC0415 - may be missing
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("spectraldb"):
            raise
        sys.exit(
            f"The command requires more packages than the client; {error.name} is missing. "
            "Run `pip install 'spectraldb[server]'`, or in a clone `pip install '.[server]'`."
        )
    app()


if __name__ == "__main__":
    main()
