"""The system call filter: classic BPF, put together from labels, for x86_64 and aarch64."""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from grader.guest import syscalls

ALLOW = 0x7FFF0000
KILL = 0x80000000
ERRNO = 0x00050000
EPERM = ERRNO | errno.EPERM
ENOSYS = ERRNO | errno.ENOSYS
ENOTTY = ERRNO | errno.ENOTTY

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_LOAD = 0x20
_JUMP = 0x05
_JUMP_EQUAL = 0x15
_JUMP_AT_LEAST = 0x35
_JUMP_ANY_BIT = 0x45
_AND = 0x54
_RETURN = 0x06

# Byte offsets in struct seccomp_data; the low half of an argument comes first on both machines.
_NUMBER = 0
_ARCH = 4
_FIRST_ARGUMENT = 16
_SECOND_ARGUMENT = 24

_X32_BIT = 0x40000000

_THREAD_MUST = 0x00010900  # CLONE_VM | CLONE_SIGHAND | CLONE_THREAD
_THREAD_MAY = 0x007D0F00  # what the two C libraries in use ask for when they start a thread

# Duplicating and flags; no locks, leases, notifications, owners or pipe sizes.
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)
_PRCTL_OPTIONS = (
    3,
    15,
    16,
    21,
    39,
)  # read dumpable, name a thread, read its name, read seccomp and no_new_privs


class _Step(NamedTuple):
    code: int
    value: int
    if_true: str | None = None
    if_false: str | None = None


_Line: TypeAlias = "_Step | str"
"""An instruction, or the label of the next one."""


def build(machine: str) -> bytes:
    """Return the filter of a confined child. Raises KeyError for a machine not in `syscalls.COLUMNS`."""
    return _build(machine, _actions(machine))


def build_among_others(machine: str) -> bytes:
    """Return the filter of a child that lives among the machine's processes and files.

    It may send no signals and limit only itself; and change no file's mode, times or size by its path, which Landlock
    leaves to whoever owns the file.
    """
    rules = dict.fromkeys(syscalls.ALONE_ONLY, EPERM) | {"prlimit64": "own limits"}
    changed = {syscalls.allowed_number(name, machine): action for name, action in rules.items()}
    return _build(machine, _actions(machine, changed))


def _build(machine: str, actions: Sequence[tuple[int, int | str]]) -> bytes:
    lines: list[_Line] = [
        _Step(_LOAD, _ARCH),
        _Step(_JUMP_EQUAL, AUDIT_ARCH[machine], None, "kill"),
        _Step(_LOAD, _NUMBER),
        _Step(_JUMP_AT_LEAST, _X32_BIT, "kill", "native"),
        "kill",
        _Step(_RETURN, KILL),
        "native",
        *_decide(actions, 0),
        *_rules(),
    ]
    return assemble(lines)


def assemble(lines: Sequence[_Line]) -> bytes:
    """Turn labels into offsets. Raises ValueError for a jump backwards, or too far for its instruction."""
    places: dict[str, int] = {}
    steps: list[_Step] = []
    for line in lines:
        if isinstance(line, str):
            places[line] = len(steps)
        else:
            steps.append(line)
    return b"".join(_encode(step, index, places) for index, step in enumerate(steps))


def _encode(step: _Step, index: int, places: dict[str, int]) -> bytes:
    def offset(label: str | None, limit: int) -> int:
        distance = 0 if label is None else places[label] - index - 1
        if not 0 <= distance <= limit:
            raise ValueError(f"jump to {label}: {distance} instructions away")
        return distance

    if step.code == _JUMP:
        return struct.pack("=HBBI", step.code, 0, 0, offset(step.if_true, 0xFFFF))
    return struct.pack("=HBBI", step.code, offset(step.if_true, 255), offset(step.if_false, 255), step.value)


def _actions(
    machine: str, changed: Mapping[int | None, int | str] = MappingProxyType({})
) -> list[tuple[int, int | str]]:
    """Return (first number, action) of each run of numbers; an action is a verdict or the label of a rule."""
    known: dict[int, int | str] = dict.fromkeys(syscalls.allowed_numbers(machine), ALLOW)
    known |= {syscalls.ruled_number(name, machine): name for name in syscalls.RULED}
    runs: list[tuple[int, int | str]] = []
    for number in range(syscalls.NEWEST + 1):
        action = changed.get(number) or known.get(number, EPERM)
        if not runs or runs[-1][1] != action:
            runs.append((number, action))
    return [*runs, (syscalls.NEWEST + 1, ENOSYS)]


def _decide(runs: Sequence[tuple[int, int | str]], depth: int) -> list[_Line]:
    """Search by halves: at load the kernel runs the filter for every number, so its depth is load time."""
    if len(runs) == 1:
        action = runs[0][1]
        return [_Step(_JUMP, 0, action)] if isinstance(action, str) else [_Step(_RETURN, action)]
    middle = len(runs) // 2
    first = runs[middle][0]
    upper = f"from {first} at depth {depth}"
    return [
        _Step(_JUMP_AT_LEAST, first, upper, None),
        *_decide(runs[:middle], depth + 1),
        upper,
        *_decide(runs[middle:], depth + 1),
    ]


def _rules() -> list[_Line]:
    return [
        "clone3",  # its flags lie in memory, where a filter cannot look; the C library falls back to clone
        _Step(_RETURN, ENOSYS),
        "ioctl",
        _Step(_RETURN, ENOTTY),
        "clone",
        _Step(_LOAD, _FIRST_ARGUMENT),
        _Step(_JUMP_ANY_BIT, ~_THREAD_MAY & 0xFFFFFFFF, "deny", None),
        _Step(_AND, _THREAD_MUST),
        _Step(_JUMP_EQUAL, _THREAD_MUST, "allow", "deny"),
        "fcntl",
        _Step(_LOAD, _SECOND_ARGUMENT),
        *[_Step(_JUMP_EQUAL, command, "allow", None) for command in _FCNTL_COMMANDS],
        _Step(_JUMP, 0, "deny"),
        "prctl",
        _Step(_LOAD, _FIRST_ARGUMENT),
        *[_Step(_JUMP_EQUAL, option, "allow", None) for option in _PRCTL_OPTIONS],
        _Step(_JUMP, 0, "deny"),
        "own limits",
        _Step(_LOAD, _FIRST_ARGUMENT),
        _Step(_JUMP_EQUAL, 0, "allow", "deny"),
        "deny",
        _Step(_RETURN, EPERM),
        "allow",
        _Step(_RETURN, ALLOW),
    ]
