"""Guest side of the wire: student objects → trees and bytes, trees and bytes → tensors and arrays.

Exact types only, sizes checked before a byte is copied: an expanded, sparse, meta or object array is refused by name.
"""

from __future__ import annotations

import numbers
from collections import deque
from decimal import Decimal
from itertools import islice
from types import GeneratorType, ModuleType
from typing import Any

import numpy as np
import torch

from grader.guest import protocol

_CONTAINERS = (list, tuple)
_STORED = (tuple, list, deque)
_PRODUCED: tuple[type, ...] = (
    range,
    GeneratorType,
    map,
    zip,
    filter,
    reversed,
    type({}.keys()),
    type({}.values()),
)
_MAX_INTEGER_BITS = 8192


class BadValue(Exception):
    """A value that cannot be handed over; the text says why, in a student's words."""


class Encoder:
    """Encodes one value: `tree` for the header, `body` for the frame. Raises BadValue."""

    def __init__(self, value: Any, given: ModuleType | None = None) -> None:
        self.body: list[bytes] = []
        self._given = given
        self._leaves = 0
        self._bytes = 0
        self.tree = self._encode(value, 0)

    def _encode(self, value: Any, depth: int) -> Any:
        if depth > protocol.MAX_DEPTH:
            raise BadValue(f"nested more than {protocol.MAX_DEPTH} levels deep")
        self._leaves += 1
        if self._leaves > protocol.MAX_LEAVES:
            raise BadValue(f"more than {protocol.MAX_LEAVES} items")
        if value is None or type(value) is bool:
            return value
        if isinstance(value, str):
            return self._text(str.__str__(value))
        if type(value) is torch.Tensor or type(value) is torch.nn.Parameter:
            return self._tensor(value)
        if type(value) in (np.ndarray, np.matrix) or (
            isinstance(value, np.generic) and type(value).__module__ == "numpy"
        ):
            return self._numpy(np.asarray(value), depth)
        if isinstance(value, _STORED) or type(value) in _PRODUCED:
            return self._sequence(value, depth)
        return self._scalar(value, depth)

    def _scalar(self, value: Any, depth: int) -> Any:
        if isinstance(value, numbers.Integral):
            return self._integer(int(value))
        if isinstance(value, numbers.Real | Decimal):
            return {"float": float(value).hex()}
        if type(value) is complex:
            return self._ndarray(np.asarray(value), "sequence")
        if isinstance(value, dict):
            pairs = list(dict.items(value))
            return {"dict": [[self._key(key), self._encode(item, depth + 1)] for key, item in pairs]}
        name = self._given_name(value)
        if name is not None:
            return {"given": name}
        raise BadValue(f"an object of type {_type_name(value)}")

    @staticmethod
    def _integer(value: int) -> dict[str, str]:
        if value.bit_length() > _MAX_INTEGER_BITS:
            raise BadValue(f"an integer of {value.bit_length()} bits")
        return {"int": str(value)}

    @staticmethod
    def _text(value: str) -> dict[str, str]:
        if len(value) > protocol.MAX_TEXT:
            raise BadValue(f"a text of {len(value)} characters")
        return {"str": value}

    @staticmethod
    def _key(key: Any) -> str:
        if not isinstance(key, str) or str.__len__(key) > 1000:
            raise BadValue("a dict whose keys are not all texts")
        return str.__str__(key)

    def _given_name(self, value: Any) -> str | None:
        if self._given is None or not callable(value):
            return None
        return next((name for name, item in vars(self._given).items() if item is value), None)

    def _sequence(self, value: Any, depth: int) -> Any:
        items = _items(value)
        flat = _regular_numbers(items)
        if flat is not None:
            return self._ndarray(flat, "sequence")
        word = "tuple" if isinstance(value, tuple) else "list"
        return {word: [self._encode(item, depth + 1) for item in items]}

    def _tensor(self, value: torch.Tensor) -> Any:
        if value.is_nested:
            raise BadValue("a nested tensor")
        if value.layout is not torch.strided:
            raise BadValue(f"a tensor of layout {value.layout}")
        if value.device.type != "cpu":
            raise BadValue(f"a tensor on device {value.device.type}")
        dtype = str(value.dtype).removeprefix("torch.")
        if value.is_quantized or dtype not in protocol.ITEM_SIZE:
            raise BadValue(f"a tensor of dtype {dtype}")
        self._account(dtype, list(value.shape))
        dense = value.detach().resolve_conj().resolve_neg().contiguous()
        if dtype == "bfloat16":
            dense = dense.view(torch.int16)
        self.body.append(dense.numpy().tobytes())
        return {"array": [dtype, list(value.shape), "tensor"]}

    def _numpy(self, value: np.ndarray, depth: int) -> Any:
        kind = value.dtype.kind
        if kind == "O":
            if value.size > protocol.MAX_LEAVES:
                raise BadValue(f"an array of {value.size} objects")
            return self._encode(value.tolist(), depth + 1)
        if kind in "fc" and value.dtype.name not in protocol.ITEM_SIZE and value.nbytes <= protocol.MAX_BODY:
            value = value.astype(np.float64 if kind == "f" else np.complex128)  # longer than anyone compares
        return self._ndarray(value, "ndarray")

    def _ndarray(self, value: np.ndarray, origin: str) -> Any:
        dtype = value.dtype.name
        if dtype not in protocol.ITEM_SIZE:
            raise BadValue(f"an array of dtype {dtype}")
        self._account(dtype, list(value.shape))
        self.body.append(value.astype(value.dtype.newbyteorder("<"), copy=False).tobytes())
        return {"array": [dtype, list(value.shape), origin]}

    def _account(self, dtype: str, shape: list[int]) -> None:
        try:
            self._bytes += protocol.array_bytes(dtype, shape)
        except protocol.ProtocolError:
            raise BadValue(f"an array of shape {tuple(shape)}, which is too large") from None
        if self._bytes > protocol.MAX_BODY:
            raise BadValue(f"more than {protocol.MAX_BODY >> 20} MB of arrays")


class Decoder:
    """Decodes the trees of one frame in the order in which they were written; every array is a fresh copy.

    `library` is "torch" or "numpy": what arrays become. `float_bits` 32 narrows float64 arrays and Python floats stay.
    """

    def __init__(self, body: bytes, *, library: str, given: ModuleType | None, float_bits: int = 64) -> None:
        self._body = body
        self._offset = 0
        self._library = library
        self._given = given
        self._float_bits = float_bits

    def decode(self, tree: Any) -> Any:
        """Return the object that `tree` stands for."""
        if tree is None or type(tree) is bool:
            return tree
        ((word, content),) = tree.items()
        if word == "int":
            return int(content)
        if word == "float":
            return float.fromhex(content)
        if word == "str":
            return content
        if word == "array":
            return self._array(*content)
        if word == "given":
            return getattr(self._given, content)
        if word == "dict":
            return {key: self.decode(item) for key, item in content}
        items = [self.decode(item) for item in content]
        return tuple(items) if word == "tuple" else items

    def _array(self, dtype: str, shape: list[int], origin: str) -> Any:
        size = protocol.array_bytes(dtype, shape)
        data = np.frombuffer(
            self._body, dtype=dtype, count=size // protocol.ITEM_SIZE[dtype], offset=self._offset
        )
        self._offset += size
        data = data.reshape(shape).copy()
        if self._float_bits == 32 and data.dtype == np.float64:
            data = data.astype(np.float32)
        if origin == "sequence":
            return data.tolist()
        return torch.from_numpy(data) if self._library == "torch" else data


def _items(value: Any) -> list[Any]:
    """Return the items of a sequence, past an `__iter__` of a subclass's own, or of what produces items one by one."""
    stored: Any = next((kind for kind in _STORED if isinstance(value, kind)), None)
    if stored is not None:
        return list(stored.__iter__(value))
    items = list(islice(value, protocol.MAX_LEAVES + 1))
    if len(items) > protocol.MAX_LEAVES:
        raise BadValue(f"more than {protocol.MAX_LEAVES} items, made one by one")
    return items


def _regular_numbers(items: list[Any]) -> np.ndarray | None:
    """Return a regular nested list of Python numbers as one array; None if it is anything else."""
    shape = [len(items)]
    level = items
    while level and type(level[0]) in _CONTAINERS:
        width = len(level[0])
        if any(type(item) not in _CONTAINERS or len(item) != width for item in level):
            return None
        shape.append(width)
        level = [inner for item in level for inner in item]
        if len(shape) > protocol.MAX_DIMENSIONS or len(level) > protocol.MAX_BODY // 8:
            return None
    kinds = set(map(type, level))
    if kinds == {bool}:
        return np.array(level, dtype=bool).reshape(shape)
    if kinds == {int} and all(-(2**63) <= item < 2**63 for item in level):
        return np.array(level, dtype=np.int64).reshape(shape)
    if (
        kinds
        and kinds <= {int, float}
        and float in kinds
        and all(abs(item) < 2**53 or type(item) is float for item in level)
    ):
        return np.array(level, dtype=np.float64).reshape(shape)
    return None


def _type_name(value: Any) -> str:
    kind = type(value)
    module = getattr(kind, "__module__", "")
    name = str(getattr(kind, "__qualname__", kind))[:80]
    return name if module in ("builtins", "__main__") else f"{str(module)[:80]}.{name}"
