"""The host's control socket to one fork server: requests go out, reports of ended children come back."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

from grader.errors import ForkServerError

_MAX_MESSAGE = 1 << 16


class Link:
    """One end of the control socket; every failure is a ForkServerError."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def fileno(self) -> int:
        """The socket's descriptor, to poll."""
        return self._control.fileno()

    def send(self, message: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
        """Send one message, with open files. Raises ForkServerError if the server is gone."""
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], list(fds))
        except OSError as error:
            raise ForkServerError(f"the fork server is gone ({error.strerror}); start another one") from None

    def receive(self) -> dict[str, Any]:
        """Wait for one message. Raises ForkServerError if the server is gone."""
        try:
            data = self._control.recv(_MAX_MESSAGE)
        except OSError:
            data = b""
        if not data:
            raise ForkServerError("the fork server ended while it was needed; start another one")
        message: dict[str, Any] = json.loads(data)
        return message

    def hang_up(self) -> None:
        """End the conversation: the server ends when it notices, and so does whoever waits on this side.

        The descriptor stays, so that another thread that polls it does not find a stranger's file in its place.
        """
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back; only when nobody uses it any more."""
        self._control.close()
