"""Stands in for the guest driver: executes the source in each frame and answers with the name `result`."""

import os

from grader.guest import protocol


def serve(inbox: int, outbox: int) -> None:
    """Answer until the inbox closes; names live on from frame to frame."""
    reader = protocol.FrameReader()
    names = {"inbox": inbox, "outbox": outbox}
    while True:
        frame = reader.take()
        if frame is None:
            chunk = os.read(inbox, 1 << 20)
            if not chunk:
                return
            reader.feed(chunk)
            continue
        answer = _run(frame[1], names)
        while answer:
            answer = answer[os.write(outbox, answer) :]


def _run(source: bytes, names: dict) -> bytes:
    names.pop("result", None)
    try:
        exec(source.decode(), names)
        return protocol.pack({"kind": "done", "result": names.get("result")})
    except Exception as error:
        raised = {"kind": "raised", "type": type(error).__name__, "errno": getattr(error, "errno", None)}
        return protocol.pack(raised)
