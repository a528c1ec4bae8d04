"""The log of the server: lines of text, or JSON objects."""

import json
import logging
from datetime import UTC, datetime

from spectraldb.settings import Settings


def configure_logging(settings: Settings) -> None:
    """Log to standard error, in the format of the settings."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if settings.log == "json" else TextFormatter())
    # A person who starts a server does not need uvicorn's lines about each step.
    steps = logging.INFO if settings.log == "json" else logging.WARNING
    for name, level in (("uvicorn", steps), ("spectraldb", logging.INFO)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


class JsonFormatter(logging.Formatter):
    """Formats a record as a line of JSON; guarded by the handler's lock."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "request_fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """Formats a record as a line of text; guarded by the handler's lock."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        fields = getattr(record, "request_fields", None)
        if fields is None:
            return f"{time} {record.levelname.lower()}: {super().format(record)}"
        query = f"?{fields['query']}" if fields["query"] else ""
        return (
            f"{time} {fields['client']} {fields['method']} {fields['path']}{query} "
            f"{fields['status']} {fields['bytes']} bytes {fields['ms']} ms {fields['request']}"
        )
