"""Host side of the wire: values → frames, and frames → values that were checked field by field.

Everything a frame says is a claim: wrong types, sizes that do not add up, trees too deep or too wide are a
`ProtocolError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from grader.guest import protocol
from grader.guest.protocol import ProtocolError
from grader.models.value import Array, Given, Origin, Value


class FrameWriter:
    """Collects the trees and array bytes of one frame."""

    def __init__(self) -> None:
        self._body: list[bytes] = []

    def tree(self, value: Value) -> Any:
        """Return the tree of `value`; its arrays go into this frame's body."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return {"int": str(value)}
        if isinstance(value, float):
            return {"float": value.hex()}
        if isinstance(value, str):
            return {"str": value}
        if isinstance(value, Given):
            return {"given": value.name}
        if isinstance(value, Array):
            self._body.append(np.ascontiguousarray(value.data).tobytes())
            return {"array": [value.data.dtype.name, list(value.data.shape), value.origin]}
        if isinstance(value, dict):
            return {"dict": [[key, self.tree(item)] for key, item in value.items()]}
        return {"tuple" if isinstance(value, tuple) else "list": [self.tree(item) for item in value]}

    def trees(self, values: Mapping[str, Value]) -> list[list[Any]]:
        """Return named trees in order, as pairs."""
        return [[name, self.tree(value)] for name, value in values.items()]

    def frame(self, kind: str, **fields: Any) -> bytes:
        """Return the frame with these header fields."""
        return protocol.pack({"kind": kind, **fields}, self._body)


class FrameValues:
    """Reads the values of one frame in the order of their trees; `finish` makes sure that no byte is left over."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._offset = 0
        self._leaves = 0

    def value(self, tree: Any, depth: int = 0) -> Value:
        """Return the value that `tree` claims. Raises ProtocolError."""
        self._leaves += 1
        if depth > protocol.MAX_DEPTH or self._leaves > protocol.MAX_LEAVES:
            raise ProtocolError("a value nested too deep or with too many items")
        if tree is None or type(tree) is bool:
            return cast(Value, tree)
        if type(tree) is not dict or len(tree) != 1:
            raise ProtocolError("not a tree")
        ((word, content),) = tree.items()
        if word in ("list", "tuple") and type(content) is list:
            items = [self.value(item, depth + 1) for item in content]
            return tuple(items) if word == "tuple" else items
        if word == "dict" and type(content) is list:
            return self._dict(content, depth)
        if word == "array" and type(content) is list and len(content) == 3:
            return self._array(*content)
        if type(content) is str:
            return _scalar(word, content)
        raise ProtocolError("not a tree")

    def finish(self) -> None:
        """Raise ProtocolError if bytes of the body belong to no array."""
        if self._offset != len(self._body):
            raise ProtocolError("bytes left over behind the arrays")

    def _dict(self, pairs: list[Any], depth: int) -> Value:
        found: dict[str, Value] = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str or pair[0] in found:
                raise ProtocolError("bad dict")
            found[pair[0]] = self.value(pair[1], depth + 1)
        return found

    def _array(self, dtype: Any, shape: Any, origin: Any) -> Array:
        size = protocol.array_bytes(dtype, shape)
        if type(origin) is not str or origin not in protocol.ORIGINS or self._offset + size > len(self._body):
            raise ProtocolError("bad array")
        raw = self._body[self._offset : self._offset + size]
        self._offset += size
        if dtype == "bfloat16":
            data = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
        elif dtype == "bool":
            data = np.frombuffer(raw, np.uint8) != 0
        else:
            data = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<"))
        try:
            return Array(data.reshape(shape), dtype, cast(Origin, origin))
        except ValueError:  # more than numpy can address, or more axes than it has
            raise ProtocolError("bad array") from None


def _scalar(word: str, content: str) -> Value:
    try:
        if word == "int" and len(content) < 4000:
            return int(content)
        if word == "float" and len(content) < 64:
            return float.fromhex(content)
    except (ValueError, OverflowError):
        raise ProtocolError("bad number") from None
    if word == "str" and len(content) <= protocol.MAX_TEXT:
        return content
    if word == "given" and len(content) <= 100 and content.isascii() and content.isidentifier():
        return Given(content)
    raise ProtocolError("not a tree")
