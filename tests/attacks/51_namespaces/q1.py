"""Leaves by way of namespaces and mounts."""

import os

from prize import attempt, call

w = attempt(
    user=lambda: call("unshare", 0x10000000),
    mounts=lambda: call("unshare", 0x00020000),
    clone=lambda: call("clone3", None, 0),
    join=lambda: call("setns", 0, 0),
    mount=lambda: call("mount", b"none", b"/job/scratch", b"tmpfs", 0, None),
    unmount=lambda: call("umount2", b"/proc", 2),
    pivot=lambda: call("pivot_root", b".", b"."),
    chroot=lambda: os.chroot("/") or True,
    new=lambda: call("fsopen", b"tmpfs", 0),
)
