"""Pushes characters into whatever terminal there may be."""

import ctypes
import fcntl

from prize import attempt, call

letter = ctypes.create_string_buffer(b"x")
w = attempt(
    type=lambda: call("ioctl", 1, ctypes.c_ulong(0x5412), letter),
    high=lambda: call("ioctl", 1, ctypes.c_ulong(0x1_0000_5412), letter),
    console=lambda: call("ioctl", 0, ctypes.c_ulong(0x541C), letter),
    size=lambda: fcntl.ioctl(1, 0x5413, b"12345678"),
    terminal=lambda: open("/dev/tty", "w"),
)
