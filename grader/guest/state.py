"""What files share because a process has only one of it: put back between two questions of a submission.

This keeps honest work apart, where one file sets a default that another does not expect. It is no wall, and need be
none: whatever a student's file does to the next one, it does to the same student.
"""

from __future__ import annotations

import ast
import os
import sys
import warnings
from typing import Any

import numpy as np
import torch

from grader.guest.source import InvalidSource, parse

_WARNINGS: Any = warnings.filters
_WARNINGS_AS_FOUND = list(_WARNINGS)
_NUMPY_ERRORS = np.geterr()
_RECURSION_LIMIT = sys.getrecursionlimit()

_TELLING_NAMES = frozenset({
    "setattr", "delattr", "exec", "eval", "globals", "vars", "__import__", "__dict__", "__enter__", "importlib",
    "ctypes", "sys", "gc", "builtins", "inspect", "threading", "_thread", "concurrent", "multiprocessing", "asyncio",
    "signal", "atexit", "mock",
})  # fmt: skip
_HARMLESS_REGISTRATIONS = frozenset({"register_buffer", "register_parameter", "register_module"})


def reset(folder: str) -> None:
    """Set back the defaults that a file may have changed; `folder` becomes the working directory."""
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.set_num_threads(1)
    torch.autograd.set_detect_anomaly(False)
    torch.use_deterministic_algorithms(False)
    torch.set_flush_denormal(False)
    np.seterr(**_NUMPY_ERRORS)
    _WARNINGS[:] = _WARNINGS_AS_FOUND
    sys.setrecursionlimit(_RECURSION_LIMIT)
    os.chdir(folder)


def may_change_libraries(source: bytes) -> bool:
    """Tell whether a file looks as if it changed what it imports; true more often than need be."""
    try:
        tree = parse(source)
    except InvalidSource:
        return True
    return any(_is_telling(node) for node in ast.walk(tree))


def _is_telling(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name):
            return _is_telling_name(name)
        case ast.alias(name=dotted):
            return any(map(_is_telling_name, dotted.split(".")))
        case ast.ImportFrom(module=str() as dotted):
            return any(map(_is_telling_name, dotted.split(".")))
        case ast.Attribute(attr=name, ctx=context):
            return _is_telling_name(name) or (not isinstance(context, ast.Load) and _is_foreign(node))
        case ast.Subscript(value=ast.Attribute(), ctx=ast.Store() | ast.Del()):
            return _is_foreign(node)
    return False


def _is_telling_name(name: str) -> bool:
    return name in _TELLING_NAMES or (name.startswith("register_") and name not in _HARMLESS_REGISTRATIONS)


def _is_foreign(target: ast.expr) -> bool:
    """Tell whether what is written to may be something else than the attributes of `self`."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return not (isinstance(target, ast.Name) and target.id == "self")
