"""Imports and uses everything that is slow the first time, so that no child pays for it."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any


def warm_up() -> dict[str, Any]:
    """Import numpy and torch, run a little of each, and return the libraries' versions."""
    import numpy
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    _import_the_lazy_parts()
    _run_a_little(torch)
    gc.collect()
    return {"python": sys.version.split()[0], "numpy": numpy.__version__, "torch": torch.__version__}


def thread_count() -> int:
    """Return the number of threads of this process; needs /proc."""
    return len(os.listdir("/proc/self/task"))


def address_space() -> int:
    """Return this process's address space in bytes; needs /proc."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _import_the_lazy_parts() -> None:
    import ast  # noqa: F401
    import inspect  # noqa: F401
    import statistics  # noqa: F401
    import traceback  # noqa: F401
    import unittest.mock  # noqa: F401

    import numpy.fft
    import numpy.linalg
    import numpy.random  # noqa: F401
    import torch._dynamo
    import torch.func
    import torch.nn.functional
    import torch.nn.utils
    import torch.utils.data  # noqa: F401


def _run_a_little(torch: Any) -> None:
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(100, 3)
    )
    for optimizer in (
        torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
        torch.optim.Adam(model.parameters()),
    ):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(torch.randn(2, 2, 5, 5)), torch.tensor([0, 1]))
        loss.backward()
        optimizer.step()
    x = torch.randn(3, 4, dtype=torch.float64)
    torch.func.grad(lambda v: (v @ v.T).logsumexp(0).sum())(x)
    torch.func.vmap(torch.func.jacrev(torch.sin))(x)
    torch.linalg.svd(x)
    torch.einsum("ij,kj->ik", x, x).numpy()
