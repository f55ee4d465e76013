"""What a child printed: the first part is kept, the rest is counted and dropped."""

from __future__ import annotations

KEPT_BYTES = 16 << 10


class CappedLog:
    """Bytes of stdout and stderr, in the order they came, cut at `KEPT_BYTES`."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.dropped_bytes = 0

    def add(self, chunk: bytes) -> None:
        """Take what was read."""
        room = KEPT_BYTES - len(self._kept)
        self._kept += chunk[:room]
        self.dropped_bytes += max(0, len(chunk) - room)

    @property
    def text(self) -> str:
        """The kept part as text; bytes that are no UTF-8 are replaced."""
        return self._kept.decode("utf-8", errors="replace")
