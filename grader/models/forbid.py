"""The words of `forbid`: groups of constructs by name, and patterns for single ones."""

from __future__ import annotations

import re

FORBID_GROUPS = frozenset(
    {"abs", "autograd", "clamp", "comparison", "import", "log_softmax", "loop", "max", "where"}
)
"""Bare words that `forbid` knows; each stands for a group of constructs. The guest says which."""

_PATTERN = re.compile(r"(\.[A-Za-z_]\w*|[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\.(\*|[A-Za-z_]\w*))")


def is_construct(text: str) -> bool:
    """A group, a dotted name such as `torch.autograd.*`, or a method such as `.backward`."""
    return text in FORBID_GROUPS or _PATTERN.fullmatch(text) is not None
