"""When two texts are the same answer: case, spacing, hyphens, quotes and a final full stop do not matter."""

from __future__ import annotations

import re
import unicodedata

_SPACING = re.compile(r"[\s_]+")
# Between words only: the hyphens of `-1` and `1e-3` are part of the number.
_HYPHEN = re.compile(r"(?<=[^\W\d])[-\u2010-\u2014](?=\w)")
_QUOTES = "\"'`“”‘’«»"


def normalise(text: str) -> str:
    """Return the form in which two spellings of one answer are equal."""
    words = unicodedata.normalize("NFKC", text).casefold()
    words = _SPACING.sub(" ", _HYPHEN.sub(" ", words)).strip()
    while words and (words[-1] == "." or (words[0] in _QUOTES and words[-1] in _QUOTES and len(words) > 1)):
        words = (words[:-1] if words[-1] == "." else words[1:-1]).strip()
    return words


def same_text(actual: str, expected: str) -> bool:
    """Tell whether two texts are the same answer."""
    return normalise(actual) == normalise(expected)
