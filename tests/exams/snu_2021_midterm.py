"""What the tests of the SNU midterm share: its references and rubrics, loaded by path, and how to compare."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import yaml

ROOT = Path(__file__).resolve().parents[2]
RUBRICS = ROOT / "rubrics" / "snu_2021_midterm"
REFERENCES = ROOT / "reference" / "snu_2021_midterm"
SEEDS = range(20)
DEFAULT_RTOL = 2e-6


def _load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _load_beside_given(name: str, path: Path) -> ModuleType:
    """Load a file whose `import given` finds the exam's own, as it does in the sandbox."""
    sys.modules["given"] = given
    try:
        return _load(name, path)
    finally:
        del sys.modules["given"]


given = _load("given", RUBRICS / "given.py")
q1, q2, q3, q4, q5, q6, q7 = (
    _load_beside_given(f"snu_2021_midterm_q{i}", REFERENCES / f"q{i}.py") for i in range(1, 8)
)


def rubric(question: str) -> dict[str, Any]:
    """Return a question's rubric as plain data."""
    return yaml.safe_load((RUBRICS / f"{question}.yaml").read_text("utf-8"))


def normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def tensors(value: Any, dtype: torch.dtype = torch.float64) -> Any:
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value).to(dtype)
    return [tensors(item, dtype) for item in value] if isinstance(value, list) else value


def _leaves(value: Any) -> list[torch.Tensor]:
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [torch.as_tensor(value, dtype=torch.float64)]


def assert_close(actual: Any, expected: Any, rtol: float = 1e-11) -> None:
    for left, right in zip(_leaves(actual), _leaves(expected), strict=True):
        torch.testing.assert_close(left, right, rtol=rtol, atol=rtol)


def distance(actual: Any, expected: Any) -> float:
    """Largest difference, in units of what the default tolerance allows; infinite where shapes differ."""
    worst = 0.0
    for left, right in zip(_leaves(actual), _leaves(expected), strict=True):
        if left.shape != right.shape:
            return float("inf")
        allowed = DEFAULT_RTOL * (right.abs() + right.square().mean().sqrt()) + 1e-12
        worst = max(worst, float(((left - right).abs() / allowed).max()))
    return worst
