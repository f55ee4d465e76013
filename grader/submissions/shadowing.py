"""Notes on files that are named like a library: nothing imports them, and a student may believe that something does."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

LIBRARIES = frozenset({"torch", "numpy"})
HOOKS = frozenset({"sitecustomize", "usercustomize", "conftest"})
MAX_NOTES = 5


def shadowing_notes(sources: Mapping[str, bytes]) -> list[str]:
    """Return a sentence for each file at the top that bears a library's name or that of a start-up hook.

    A name of Python's own library (`random.py`) counts where some file imports it.
    """
    notes = []
    for module in sorted({name.removesuffix(".py").split("/")[0] for name in sources}):
        file = next(name for name in sorted(sources) if name.removesuffix(".py").split("/")[0] == module)
        if module in LIBRARIES or (module in sys.stdlib_module_names and _is_imported(module, sources)):
            notes.append(f"{file} has the name of a library; `import {module}` gets the library.")
        elif module in HOOKS:
            notes.append(f"{file} is not run by itself, whatever its name.")
    return notes[:MAX_NOTES]


def _is_imported(module: str, sources: Mapping[str, bytes]) -> bool:
    pattern = re.compile(rb"^[ \t]*(?:import|from)[ \t]+" + module.encode() + rb"\b", re.MULTILINE)
    return any(pattern.search(source) for source in sources.values())
