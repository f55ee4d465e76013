"""The system calls that a confined child may make, with their numbers on the machines that we support."""

from __future__ import annotations

# name: (x86_64, aarch64). A call of None does not exist there: the C library uses a younger one.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # Files that are open already.
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "lseek": (8, 62), "pread64": (17, 67),
    "pwrite64": (18, 68), "readv": (19, 65), "writev": (20, 66), "preadv": (295, 69), "pwritev": (296, 70),
    "preadv2": (327, 286), "pwritev2": (328, 287), "fstat": (5, 80), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "sendfile": (40, 71), "copy_file_range": (326, 285), "fsync": (74, 82),
    "fdatasync": (75, 83), "ftruncate": (77, 46), "fallocate": (285, 47), "fadvise64": (221, 223),
    "close_range": (436, 436), "pipe": (22, None), "pipe2": (293, 59), "eventfd2": (290, 19),
    # Files by path: the read-only root and landlock say which.
    "open": (2, None), "openat": (257, 56), "creat": (85, None), "stat": (4, None), "lstat": (6, None),
    "newfstatat": (262, 79), "statx": (332, 291), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78), "getdents": (78, None),
    "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35),
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36),
    "truncate": (76, 45), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "utimensat": (280, 88), "umask": (95, 166), "statfs": (137, 43), "fstatfs": (138, 44),
    # Waiting.
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "epoll_create": (213, None), "epoll_create1": (291, 20), "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115), "pause": (34, None), "alarm": (37, None), "getitimer": (36, 102),
    "setitimer": (38, 103), "restart_syscall": (219, 128), "wait4": (61, 260), "waitid": (247, 95),
    # Memory and threads; clone is ruled by its flags.
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "msync": (26, 227), "madvise": (28, 233), "futex": (202, 98), "set_robust_list": (273, 99),
    "get_robust_list": (274, 100), "rseq": (334, 293), "membarrier": (324, 283),
    "set_tid_address": (218, 96), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "arch_prctl": (158, None), "getcpu": (309, 168), "exit": (60, 93), "exit_group": (231, 94),
    # Signals: there is nobody else to send them to.
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    # What it may know of itself and of the machine.
    "getpid": (39, 172), "getppid": (110, 173), "gettid": (186, 178), "getuid": (102, 174),
    "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148),
    "getresgid": (120, 150), "getgroups": (115, 158), "getpgrp": (111, None), "getpgid": (121, 155),
    "getsid": (124, 156), "capget": (125, 90), "getrlimit": (97, 163), "prlimit64": (302, 261),
    "getrusage": (98, 165), "times": (100, 153), "uname": (63, 160), "sysinfo": (99, 179),
    "gettimeofday": (96, 169), "time": (201, None), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "getrandom": (318, 278),
}  # fmt: skip

ALONE_ONLY = ("kill", "tkill", "tgkill", "chmod", "fchmod", "fchmodat", "utimensat", "truncate")
"""Allowed calls that reach other processes, or change files that Landlock does not look at."""

# Calls with a rule of their own in the filter.
RULED: dict[str, tuple[int, int]] = {
    "clone": (56, 220), "clone3": (435, 435), "ioctl": (16, 29), "fcntl": (72, 25), "prctl": (157, 167),
}  # fmt: skip

COLUMNS = {"x86_64": 0, "aarch64": 1}

NEWEST = 450
"""The youngest call that was looked at; the C library expects ENOSYS, not EPERM, for what came after."""


def allowed_numbers(machine: str) -> list[int]:
    """Return the numbers of the allowed calls on a machine of `COLUMNS`, sorted."""
    column = COLUMNS[machine]
    return sorted(number for row in ALLOWED.values() if (number := row[column]) is not None)


def allowed_number(name: str, machine: str) -> int | None:
    """Return the number of an allowed call, None where the machine has no such call."""
    return ALLOWED[name][COLUMNS[machine]]


def ruled_number(name: str, machine: str) -> int:
    """Return the number of a call that has a rule of its own."""
    return RULED[name][COLUMNS[machine]]
