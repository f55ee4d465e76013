"""Landlock: what a confined child may read and write, said to the kernel once, before the first child."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Sequence

from grader.guest import libc

# The same numbers on every machine.
_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_FOLDER = 1 << 3
_REMOVE_FOLDER = 1 << 4
_REMOVE_FILE = 1 << 5
_MAKE_FOLDER = 1 << 7
_MAKE_REGULAR = 1 << 8
_MAKE_LINK = 1 << 12
_REFER = 1 << 13
_TRUNCATE = 1 << 14

_ALL_ABI_1 = (1 << 13) - 1
_IOCTL_DEVICE = 1 << 15
_ALL_TCP = 0b11
_SCOPE_SIGNALS_AND_SOCKETS = 0b11

_READ = _READ_FILE | _READ_FOLDER
_WRITE = (
    _READ
    | _WRITE_FILE
    | _REMOVE_FOLDER
    | _REMOVE_FILE
    | _MAKE_FOLDER
    | _MAKE_REGULAR
    | _MAKE_LINK
    | _REFER
    | _TRUNCATE
)
_ON_A_FILE = _READ_FILE | _WRITE_FILE | _TRUNCATE


def abi() -> int:
    """Return the kernel's Landlock version, 0 where there is none."""
    try:
        return libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def make_ruleset(readable: Sequence[str], writable: Sequence[str]) -> int:
    """Return the fd of a ruleset: read below `readable`, read and write below `writable`, and nothing else.

    A rule on a folder also covers what is mounted below it later, but not what is mounted right on it.
    Raises OSError.
    """
    version = abi()
    handled = _handled_rights(version)
    network = _ALL_TCP if version >= 4 else 0
    scopes = _SCOPE_SIGNALS_AND_SOCKETS if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", handled, network, scopes)[:size]
    ruleset = libc.syscall(_CREATE_RULESET, attributes, size, 0)
    os.set_inheritable(ruleset, False)
    for paths, rights in ((readable, _READ), (writable, _WRITE)):
        for path in paths:
            _allow(ruleset, path, rights & handled)
    return ruleset


def restrict_self(ruleset: int) -> None:
    """Bind this thread to a ruleset for good; needs no_new_privs. Raises OSError."""
    libc.syscall(_RESTRICT_SELF, ruleset, 0)


def _handled_rights(version: int) -> int:
    rights = _ALL_ABI_1
    if version >= 2:
        rights |= _REFER
    if version >= 3:
        rights |= _TRUNCATE
    if version >= 5:
        rights |= _IOCTL_DEVICE
    return rights


def _allow(ruleset: int, path: str, rights: int) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _ON_A_FILE
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, fd), 0)
    finally:
        os.close(fd)
