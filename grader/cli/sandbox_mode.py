"""The words `--sandbox` and `--i-trust-these-submissions`: what they choose, and what is said of it."""

from __future__ import annotations

import sys

from grader.errors import UserError
from grader.sandbox.modes import MODES, WARNINGS, SandboxMode


def chosen_mode(word: str, *, is_trusted: bool) -> SandboxMode:
    """Return the mode that was asked for; a weak one is announced on stderr. Raises UserError."""
    mode = next((mode for mode in MODES if mode == word), None)
    if mode is None:
        raise UserError(f"--sandbox: there is no mode `{word}`\n  Choose one of {', '.join(MODES)}.")
    if mode == "none" and not is_trusted:
        raise UserError(
            "--sandbox=none: student code would run with your rights over this machine's files and network\n"
            "  If you know who wrote every submission, add --i-trust-these-submissions."
        )
    if mode != "none" and is_trusted:
        raise UserError(
            "--i-trust-these-submissions: goes with --sandbox=none only\n  Leave it out, or add --sandbox=none."
        )
    if WARNINGS[mode]:
        print(f"grader: {WARNINGS[mode]}", file=sys.stderr)
    return mode
