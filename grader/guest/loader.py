"""Loads a submission from memory: the question's file under its own name, files beside it importable,
never in front of the libraries."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import linecache
import sys
import types
from collections.abc import Callable, Mapping, Sequence

from grader.guest.source import InvalidSource, decode, parse

_loaded: set[str] = set()


class MemoryFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules among the submission's own files; last on the path, so that `numpy.py` shadows nothing."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = {_module_name(name): (name, source) for name, source in sources.items()}
        self.executed: list[str] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a file of the submission, or for a folder of it."""
        if fullname in self._sources:
            name, _ = self._sources[fullname]
            return importlib.machinery.ModuleSpec(
                fullname, self, origin=name, is_package=name.endswith("__init__.py")
            )
        if any(known.startswith(fullname + ".") for known in self._sources):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Let the import system make the module."""
        return

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the file in its module; a folder without `__init__.py` is an empty package."""
        name, source = self._sources.get(module.__name__, ("", b""))
        if name:
            self.executed.append(name)
            _loaded.add(module.__name__)
            execute(source, name, module)


def install(sources: Mapping[str, bytes]) -> Callable[[], tuple[str, ...]]:
    """Make the submission's files importable; returns a function that tells which of them were imported so far."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, MemoryFinder)]
    finder = MemoryFinder(sources)
    sys.meta_path.append(finder)
    return lambda: tuple(finder.executed)


def load(name: str, source: bytes) -> types.ModuleType:
    """Run the file `name` as a module of that name and return it; whatever it raises passes through."""
    module = make(name)
    execute(source, name, module)
    return module


def make(name: str) -> types.ModuleType:
    """Return an empty module for the file `name`; one that is named like a library does not take its place."""
    module = types.ModuleType(_module_name(name))
    if module.__name__ not in sys.modules:
        sys.modules[module.__name__] = module
        _loaded.add(module.__name__)
    return module


def forget() -> None:
    """Let whatever was loaded here be loaded anew: the next question finds its helpers as if it came first."""
    for name in _loaded:
        sys.modules.pop(name, None)
    _loaded.clear()


def execute(source: bytes, name: str, module: types.ModuleType) -> None:
    """Compile and run `source` in `module`; its lines become available to tracebacks."""
    try:
        text = decode(source)
        tree = parse(source)
    except InvalidSource as error:
        error.file = name
        raise
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    module.__file__ = name
    exec(compile(tree, name, "exec", dont_inherit=True), module.__dict__)


def _module_name(name: str) -> str:
    stem = name.removesuffix(".py").removesuffix("/__init__")
    return stem.replace("/", ".")
