"""The system call filter, run by an interpreter of its own over every number and both machines."""

from __future__ import annotations

import struct
from functools import cache

import pytest

from grader.guest import seccomp, syscalls

BOTH = pytest.mark.parametrize("machine", ["x86_64", "aarch64"])


def verdict(program: bytes, number: int, *arguments: int, arch: int) -> int:
    """Run a filter as the kernel would; return its verdict."""
    steps = list(struct.iter_unpack("=HBBI", program))
    words = [word for argument in (*arguments, 0, 0)[:2] for word in (argument & 0xFFFFFFFF, argument >> 32)]
    data = struct.pack("=II8x4I", number, arch, *words)
    place = accumulator = 0
    while True:
        code, if_true, if_false, value = steps[place]
        place += 1
        if code == 0x06:
            return value
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x54:
            accumulator &= value
        elif code == 0x05:
            place += value
        else:
            tests = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            place += if_true if tests[code] else if_false


def on(machine: str, number: int, *arguments: int) -> int:
    """Return the verdict of a machine's own filter on its own calls."""
    return verdict(built(machine), number, *arguments, arch=seccomp.AUDIT_ARCH[machine])


@cache
def built(machine: str) -> bytes:
    """Return a machine's filter."""
    return seccomp.build(machine)


@BOTH
def test_exactly_the_listed_calls_are_allowed(machine):
    ruled = {syscalls.ruled_number(name, machine) for name in syscalls.RULED}
    allowed = [
        number for number in range(600) if on(machine, number) == seccomp.ALLOW and number not in ruled
    ]
    assert allowed == syscalls.allowed_numbers(machine)


@BOTH
def test_unknown_younger_calls_do_not_exist(machine):
    assert {on(machine, number) for number in (451, 452, 462, 5000, 0x3FFFFFFF)} == {seccomp.ENOSYS}


@BOTH
@pytest.mark.parametrize("arch", [0x40000003, 0x40000028, 0])
def test_other_architecture_is_killed(machine, arch):
    program = seccomp.build(machine)
    assert {verdict(program, number, arch=arch) for number in range(600)} == {seccomp.KILL}


@BOTH
@pytest.mark.parametrize("number", [0x40000000, 0x40000001, 0x400001FF, 0xFFFFFFFF])
def test_x32_number_is_killed(machine, number):
    assert on(machine, number) == seccomp.KILL


@pytest.mark.parametrize(("machine", "clone"), [("x86_64", 56), ("aarch64", 220)])
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (0x003D0F00, seccomp.ALLOW),
        (0x007D0F00, seccomp.ALLOW),
        (0x01200011, seccomp.EPERM),
        (0x00000011, seccomp.EPERM),
        (0x00004111, seccomp.EPERM),
        (0x103D0F00, seccomp.EPERM),
        (0x203D0F00, seccomp.EPERM),
        (0x003D0F80, seccomp.EPERM),
        (0x002D0F00 & ~0x00010000, seccomp.EPERM),
    ],
)
def test_clone_makes_threads_only(machine, clone, flags, expected):
    assert on(machine, clone, flags) == expected


@pytest.mark.parametrize(("machine", "fcntl"), [("x86_64", 72), ("aarch64", 25)])
def test_fcntl_locks_leases_and_owners_are_refused(machine, fcntl):
    allowed = [command for command in range(1100) if on(machine, fcntl, 0, command) == seccomp.ALLOW]
    assert allowed == [0, 1, 2, 3, 4, 1030]


@pytest.mark.parametrize(("machine", "prctl"), [("x86_64", 157), ("aarch64", 167)])
def test_prctl_only_reads_and_names(machine, prctl):
    assert [option for option in range(100) if on(machine, prctl, option) == seccomp.ALLOW] == [
        3,
        15,
        16,
        21,
        39,
    ]


@pytest.mark.parametrize(("machine", "ioctl"), [("x86_64", 16), ("aarch64", 29)])
@pytest.mark.parametrize("command", [0x5412, 0x541C, 0x5401, 0x1_0000_5412])
def test_every_ioctl_meets_no_terminal(machine, ioctl, command):
    assert on(machine, ioctl, 0, command) == seccomp.ENOTTY


@BOTH
def test_clone3_does_not_exist(machine):
    assert on(machine, 435) == seccomp.ENOSYS


def test_jump_that_is_too_far_is_an_error():
    lines = [
        seccomp._Step(0x15, 1, "end", None),
        *[seccomp._Step(0x06, 0)] * 300,
        "end",
        seccomp._Step(0x06, 0),
    ]
    with pytest.raises(ValueError, match="300 instructions away"):
        seccomp.assemble(lines)


def test_jump_backwards_is_an_error():
    with pytest.raises(ValueError, match="start"):
        seccomp.assemble(["start", seccomp._Step(0x06, 0), seccomp._Step(0x05, 0, "start")])
