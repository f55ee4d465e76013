"""A driver that loads a file and calls its functions, without torch: the doctor's controls start in half a second.

Its walls are those of every child. It answers `load` and `call` with plain text as `driver` does.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

from grader.guest import loader, protocol

_CHUNK = 1 << 20


def serve(inbox: int, outbox: int) -> None:
    """Answer requests from `inbox` on `outbox` (file descriptors) until the host hangs up."""
    reader = protocol.FrameReader()
    module: ModuleType | None = None
    while True:
        frame = reader.take()
        if frame is None:
            chunk = os.read(inbox, _CHUNK)
            if not chunk:
                return
            reader.feed(chunk)
            continue
        header, body = frame
        if header["kind"] == "load":
            module = loader.load(header["file"], body)
            _write(outbox, {"kind": "scanned", "findings": []})
            _write(outbox, {"kind": "loaded", "spoils": False})
        else:
            function = vars(module)[header["name"]]
            result = function(*[_plain(tree) for tree in header["arguments"]])
            _write(outbox, {"kind": "returned", "value": {"str": str(result)}})


def _plain(tree: Any) -> Any:
    (word, content), *_ = tree.items()
    if word == "dict":
        return {key: _plain(item) for key, item in content}
    return int(content) if word == "int" else content


def _write(outbox: int, answer: dict[str, Any]) -> None:
    view = memoryview(protocol.pack(answer))
    while view:
        view = view[os.write(outbox, view) :]
