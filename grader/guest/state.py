"""What files share because a process has only one of it: put back between two questions of a submission.

This keeps honest work apart, where one file sets a default that another does not expect. It is no wall, and need be
none: whatever a student's file does to the next one, it does to the same student.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from typing import Any

import numpy as np
import torch

_WARNINGS: Any = warnings.filters
_WARNINGS_AS_FOUND = list(_WARNINGS)
_NUMPY_ERRORS = np.geterr()
_RECURSION_LIMIT = sys.getrecursionlimit()

_CHANGES_LIBRARIES = re.compile(
    rb"\b(setattr|delattr|exec|eval|globals|vars|__import__|importlib|ctypes|sys|gc|builtins|inspect|threading|signal"
    rb"|atexit|mock|register_\w+)\b"
    rb"|^[ \t]*(?!self\b)\w+(\.\w+)+[ \t]*(\[.*\][ \t]*)?[-+*/@%|&^]?=(?!=)"
    rb"|\bdel[ \t]+\w+\.",
    re.MULTILINE,
)


def reset(folder: str) -> None:
    """Set back the defaults that a file may have changed; `folder` becomes the working directory."""
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.set_num_threads(1)
    torch.autograd.set_detect_anomaly(False)
    torch.use_deterministic_algorithms(False)
    np.seterr(**_NUMPY_ERRORS)
    _WARNINGS[:] = _WARNINGS_AS_FOUND
    sys.setrecursionlimit(_RECURSION_LIMIT)
    os.chdir(folder)


def may_change_libraries(source: bytes) -> bool:
    """Tell whether a file looks as if it changed what it imports; true more often than need be."""
    return _CHANGES_LIBRARIES.search(source) is not None
