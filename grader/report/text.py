"""Text that came from students, made safe to show: no control, escape, direction or invisible characters."""

from __future__ import annotations

import unicodedata

# Control, format (bidi, zero width), surrogate, private, unassigned, line and paragraph separator.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
MAX_MARKS = 3


def printable(text: str, limit: int = 200) -> str:
    """Return `text` on one line, at most `limit` characters; what could steer a terminal is spelt out."""
    shown: list[str] = []
    size = 0
    marks = 0
    for char in text:
        # A tower of combining marks climbs over the lines above it.
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        piece = _spell(char) if unicodedata.category(char) in _UNSAFE or marks > MAX_MARKS else char
        if size + len(piece) > limit:
            return "".join(shown)[: max(limit - 1, 0)] + "…"
        shown.append(piece)
        size += len(piece)
    return "".join(shown)


def _spell(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
