"""Asks for what only an administrator may; the last call would do nothing even for one (a wrong magic)."""

import ctypes
import os
import stat

from prize import attempt, call

room = ctypes.create_string_buffer(64)
w = attempt(
    device=lambda: os.mknod("grader_attack_mark", 0o600 | stat.S_IFBLK, os.makedev(8, 0)) or True,
    pipe=lambda: os.mkfifo("grader_attack_mark") or True,
    handle=lambda: call("name_to_handle_at", -100, b".", room, room, 0),
    byhandle=lambda: call("open_by_handle_at", -100, room, 0),
    swap=lambda: call("swapon", b"grader_attack_mark", 0),
    kexec=lambda: call("kexec_load", 0, 0, None, 0),
    boot=lambda: call("reboot", 0x12345),
)
