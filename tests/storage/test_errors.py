"""One-line summaries of the long errors of stores."""

import pytest

from spectraldb.storage.errors import error_summary

XML = """Generic S3 error
↳ <Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>"""
CHAIN = """Generic S3 error: Error performing PUT http://127.0.0.1:1/x in 3.1s, after 5 retries \
- HTTP error: error sending request

Debug source:
Generic { store: "S3" }"""


@pytest.mark.parametrize(
    ("message", "summary"),
    [
        ("no answer", "no answer"),
        ("\x1b[31mred\x1b[0m", "red"),
        (XML, "The specified bucket does not exist"),
        (CHAIN, "HTTP error: error sending request"),
        ("outer\n↳ the\n   cause\n↳ ", "the cause"),
        ("", "OSError"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_error_summary(message: str, summary: str) -> None:
    assert error_summary(OSError(message)) == summary
