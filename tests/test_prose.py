"""Phrases of the project's old English do not come back, in any text that a person reads."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PHRASES = {
    r"\b(?:is|are|was|were|be|been|being|as) told\b": "is printed, is reported, says",
    r"\btold (?:apart|of|from|there|here|before|by|on|in)\b": "distinguished, reported, described",
    r"\btell(?:s|ing)? (?:what|which|how|where|whether|when|that|why|of)\b": "say, show, explain",
    r"\btells (?:more|all)\b": "has the details",
    r"\banew\b": "again",
    r"\bat the most\b": "at most",
    r"\bone a (?:core|file|line|column)\b": "one per core, one per file",
    r"\bput together\b": "combined, merged",
    r"\bwhatever (?:its|the|their|raised)\b": "regardless of",
    r"\bnobody (?:waits|reads|needs|asks|uses|answers)\b": "name what is unused",
    r"\bwhere to go on\b": "page token",
    r"\bgoes? on from there\b": "continues, resumes",
    r"\bfor ever\b": "forever",
    r"\broom for\b": "space for",
    r"\b(?:is|are) no (?:number|angle|folder|product|list|condition|table|unit|time|file)s?\b": (
        "is not a"
    ),
    r"\bderived figures?\b": "derived statistics",
    r"\bwhat to answer with\b": "output",
    r"\blay another\b": "overlay",
    r"\bwhat is held\b": "what is in the lake",
    r"\bis not held\b": "is not in the lake",
    r"\bheld already\b": "already in the lake",
    r"\b(?:is|are|was|were) to be had\b": "available",
    r"\bcould not be had\b": "failed",
    r"\bas so many\b": "as many",
    r"\bso many as\b": "as many as",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bheals?\b": "fix",
    r"\blest\b": "so that ... not",
    r"\bsome of (?:it|them) (?:is|are) gone\b": "missing",
    r"\btaken into the lake\b": "ingested",
    r"\btakes? (?:it|them|files) into the lake\b": "ingests",
}
"""Patterns of phrases, each with what to write instead."""

FILES = ("*.py", "*.md", "*.js", "*.html", "*.yaml", "*.yml", "*.toml", "*.service", "*.ipynb")
EXTRA = ("Makefile", ".ci/run", "deploy")
ITSELF = ("tests/test_prose.py", "tests/test_vocabulary.py")


@cache
def _texts() -> dict[str, str]:
    """Return the text of each file that a person reads, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FILES, *EXTRA],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = sorted(set(listed.stdout.split()) - set(ITSELF))
    return {path: (ROOT / path).read_text("utf-8") for path in paths if (ROOT / path).is_file()}


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrase_is_not_used(phrase: str) -> None:
    pattern = re.compile(phrase.replace(" ", r"(?:\s+(?:[#*/]+\s*)?)"), re.IGNORECASE)
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}"
        for path, text in _texts().items()
        for match in pattern.finditer(text)
    ]
    assert not found, f"write instead: {PHRASES[phrase]}"
