"""Hands in a tensor that has a shape and no values, or values that lie elsewhere."""

import torch


def fake():
    from torch._subclasses import FakeTensorMode

    with FakeTensorMode():
        return torch.zeros(6, 3, 3, 3)


def emptied():
    tensor = torch.ones(6, 3, 3, 3)
    tensor.untyped_storage().resize_(0)
    return tensor


w = VARIANT
