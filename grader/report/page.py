"""Lines on a console: wrapped on a terminal; anywhere else nothing is cut, a line runs on."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

MIN_TEXT = 30
"""A column of text is at least this wide, however narrow the terminal."""


class Page:
    """Prints on a console; `width` is in cells, without end where the output is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.is_terminal = console.is_terminal
        self.width = console.width if console.is_terminal else sys.maxsize

    def line(self, text: str | Text, style: str = "") -> None:
        """Print one line as it is."""
        shown = text if isinstance(text, Text) else Text(text, style)
        self._console.print(shown, soft_wrap=True)

    def hanging(self, start: str, text: str, style: str = "", *, max_lines: int | None = None) -> None:
        """Print `start`, then the text in as many lines as it needs, each indented below the first.

        Past `max_lines` the text ends with `…`.
        """
        indent = cell_len(start)
        if indent + cell_len(text) <= self.width:
            self.line(start + text, style)
            return
        lines = Text(text).wrap(self._console, max(self.width - indent, MIN_TEXT))
        shown = [line.plain.rstrip() for line in lines]
        if max_lines is not None and len(shown) > max_lines:
            last = Text(f"{shown[max_lines - 1]} …")
            last.truncate(max(self.width - indent, MIN_TEXT), overflow="ellipsis")
            shown = [*shown[: max_lines - 1], last.plain]
        for number, line in enumerate(shown):
            self.line((start if number == 0 else " " * indent) + line, style)

    def pieces(self, pieces: Sequence[str], style: str = "") -> None:
        """Print pieces in as few lines as they need, none cut in two."""
        line = pieces[0]
        for piece in pieces[1:]:
            if cell_len(line) + 1 + cell_len(piece) > self.width:
                self.line(line, style)
                line = f"  {piece}"
            else:
                line += f" {piece}"
        self.line(line, style)
