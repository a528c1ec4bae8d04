"""``python -m spectraldb``."""

from spectraldb.cli import app

app()
