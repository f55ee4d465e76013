"""Frames and messages between the host and a sandboxed child: the one file that both sides share. Standard
library only.

A frame is a 4-byte header length, an 8-byte body length (both big-endian), a JSON object, and raw bytes.
Sizes are checked
before anything is read or allocated. The header's `kind` says what the message is; array bytes lie in the
body one after
another, in the order in which a walk through the header's trees meets them.

A value is a tree:
    null | true | false | {"int": "12"} | {"float": "0x1.8p+1"} | {"str": "text"} | {"given": "tanh"}
    | {"array": [dtype, shape, origin]} | {"list": [tree, …]} | {"tuple": [tree, …]} | {"dict": [[key, tree], …]}

From the host            →  and the child answers (everything it says is a claim)
    load                     scanned, then loaded | raised
    value                    returned | missing | raised | bad_value
    call                     returned | missing | raised | bad_value | refused
    make                     returned | raised | bad_value           (references only)
    build                    built | missing | raised | bad_value
    trace, weights,
    forward, modes           returned | raised | bad_value
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from typing import Any

PREFIX = struct.Struct("!IQ")
MAX_HEADER = 1 << 20
MAX_BODY = 64 << 20
MAX_DEPTH = 32
MAX_DIMENSIONS = 16
MAX_LEAVES = 20_000
MAX_TEXT = 1 << 16

ITEM_SIZE = {
    "bool": 1, "uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "uint32": 4, "int32": 4, "uint64": 8, "int64": 8,
    "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip
ORIGINS = ("tensor", "ndarray", "sequence")


class ProtocolError(Exception):
    """The other side broke the format; the text says how."""


def pack(header: dict[str, Any], body: Iterable[bytes | memoryview] = ()) -> bytes:
    """Return one frame. Raises ProtocolError if it would be over the limits."""
    parts = list(body)
    head = json.dumps(header, separators=(",", ":"), allow_nan=False).encode("ascii")
    size = sum(len(part) for part in parts)
    if len(head) > MAX_HEADER or size > MAX_BODY:
        raise ProtocolError(f"frame of {len(head)} + {size} bytes, limit {MAX_HEADER} + {MAX_BODY}")
    return b"".join([PREFIX.pack(len(head), size), head, *parts])


class FrameReader:
    """Puts frames together from chunks as they come; refuses a frame by its announced size, before it is there."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take what was read; raises ProtocolError as soon as the announced size is over the limit."""
        self._buffer += chunk
        self._announced()

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._buffer)

    def take(self) -> tuple[dict[str, Any], bytes] | None:
        """Return the next whole frame as (header, body), None if there is none yet; raises ProtocolError as `feed`."""
        announced = self._announced()
        if announced is None:
            return None
        head, body = announced
        end = PREFIX.size + head + body
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view:
            header_bytes = bytes(view[PREFIX.size : PREFIX.size + head])
            body_bytes = bytes(view[PREFIX.size + head : end])
        del self._buffer[:end]
        return parse_header(header_bytes), body_bytes

    def _announced(self) -> tuple[int, int] | None:
        """Return the sizes that the first frame claims to have, None if they are not there yet."""
        if len(self._buffer) < PREFIX.size:
            return None
        head, body = PREFIX.unpack_from(self._buffer)
        if head > MAX_HEADER or body > MAX_BODY:
            raise ProtocolError(f"frame of {head} + {body} bytes, limit {MAX_HEADER} + {MAX_BODY}")
        return head, body


def parse_header(data: bytes) -> dict[str, Any]:
    """Parse a frame's header: a JSON object with a `kind`, no duplicate keys, no NaN. Raises ProtocolError."""
    try:
        header = json.loads(data.decode("ascii"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"header is not plain JSON: {type(error).__name__}") from None
    if type(header) is not dict or type(header.get("kind")) is not str:
        raise ProtocolError("header is not an object with a kind")
    return header


def array_bytes(dtype: Any, shape: Any) -> int:
    """Return the size in bytes of an array, after checking that dtype and shape are honest. Raises ProtocolError."""
    if type(dtype) is not str or dtype not in ITEM_SIZE:
        raise ProtocolError("unknown dtype")
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise ProtocolError("bad shape")
    size = ITEM_SIZE[dtype]
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_BODY:
            raise ProtocolError("bad shape")
        size *= length
    if size > MAX_BODY:
        raise ProtocolError("array over the size limit")
    return size


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _refuse_constant(text: str) -> Any:
    raise ValueError(text)
