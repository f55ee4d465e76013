"""The canaries: every attack of the doctor, with the walls that stop it and its control."""

from __future__ import annotations

from grader.doctor.canary import Canary, Control

_FILTER = "system call filter"
_ROOT = "private root"
_PROCESSES = "process namespace"
_USER = "user namespace"


def _canary(
    attack: str,
    title: str,
    held_by: tuple[str, ...],
    outcome: str,
    *,
    control: Control = "walls down",
    also_down: tuple[str, ...] = (),
    may_lack: bool = False,
    before: str = "",
) -> Canary:
    return Canary(
        attack=attack,
        title=title,
        held_by=held_by,
        outcome=tuple(outcome.split()),
        control=control,
        also_down=also_down,
        may_lack=may_lack,
        before=before,
    )


CANARIES: tuple[Canary, ...] = (
    _canary("read_passwd", "read /etc/passwd", (_ROOT, "landlock"), "ENOENT"),
    _canary("read_planted_file", "read a planted secret file", (_ROOT, "landlock"), "ENOENT"),
    _canary(
        "write_planted_folder",
        "write into a folder open to all",
        (_ROOT, "landlock"),
        "ENOENT",
        control="outside",
    ),
    _canary("read_proc", "read /proc", (_ROOT, "landlock"), "ENOENT"),
    _canary("list_root", "list /", ("landlock",), "EACCES"),
    _canary(
        "find_the_secret", "find a planted word in memory", ("clean start",), "ENOENT", control="outside"
    ),
    _canary(
        "find_a_left_file",
        "find an earlier child's file",
        ("scratch folder",),
        "ENOENT",
        before="leave_a_file",
    ),
    _canary(
        "find_a_left_file",
        "find an earlier child's mounted file",
        ("mount namespace",),
        "ENOENT",
        before="leave_a_file",
    ),
    _canary(
        "find_left_shared_memory",
        "find an earlier child's shared memory",
        (_FILTER, "ipc namespace"),
        "EPERM",
        before="leave_shared_memory",
    ),
    _canary("fork", "fork", (_FILTER,), "EPERM"),
    _canary("run_a_program", "run a program", (_FILTER, "landlock"), "EPERM"),
    _canary(
        "signal_the_server",
        "signal the fork server",
        (_PROCESSES, "landlock"),
        "ESRCH",
        also_down=(_FILTER,),  # without a process namespace it lets signals to the child itself pass only
    ),
    _canary(
        "read_the_servers_memory",
        "read the fork server's memory",
        (_FILTER, _PROCESSES, _USER, "capabilities", "landlock"),
        "EPERM",
        may_lack=True,
    ),
    _canary("trace", "ptrace", (_FILTER,), "EPERM", may_lack=True),
    _canary("share_a_session", "stay in the server's session", ("session",), "EPERM"),
    _canary("read_the_host_name", "read the machine's name", ("host name namespace",), "ENOENT"),
    _canary("open_an_internet_socket", "open an internet socket", (_FILTER,), "EPERM"),
    _canary("open_a_local_socket", "open a local socket", (_FILTER,), "EPERM"),
    _canary("open_a_netlink_socket", "open a netlink socket", (_FILTER,), "EPERM"),
    _canary("call_the_host", "connect to this machine", (_FILTER, "network namespace", "landlock"), "EPERM"),
    _canary("make_a_namespace", "unshare a namespace", (_FILTER, _USER), "EPERM"),
    _canary("mount_a_folder", "mount", (_FILTER, _USER, "capabilities", "landlock"), "EPERM"),
    _canary("change_the_root", "chroot", (_FILTER, "capabilities"), "EPERM"),
    _canary("become_another_user", "set a user id", (_FILTER,), "EPERM", also_down=(_USER,)),
    _canary("use_a_capability", "hold a capability", ("capabilities",), "EPERM"),
    _canary(
        "gain_privileges",
        "gain privileges by a program",
        ("no new privileges",),
        "EPERM",
        also_down=(_FILTER, "landlock"),
    ),
    _canary("have_the_servers_user", "be the server's user", (_USER,), "EPERM"),
    _canary("use_keys", "use the kernel's key store", (_FILTER,), "EPERM", may_lack=True),
    _canary("use_io_uring", "io_uring", (_FILTER,), "EPERM", may_lack=True),
    _canary("use_bpf", "bpf", (_FILTER,), "EPERM", may_lack=True),
    _canary("compare_processes", "kcmp", (_FILTER,), "EPERM", may_lack=True),
    _canary("make_a_memory_file", "memfd outside the memory limit", (_FILTER,), "EPERM"),
    _canary("call_in_a_foreign_way", "a call by another machine's number", (_FILTER,), "signal:31"),
    _canary("lock_a_shared_file", "flock a library", (_FILTER,), "EPERM"),
    _canary("lock_a_range", "lock by fcntl", (_FILTER,), "EPERM"),
    _canary("control_a_device", "ioctl", (_FILTER,), "ENOTTY"),
    _canary("raise_a_limit", "raise its own limit", ("resource limits",), "ValueError EPERM"),
    _canary("take_memory", "take more memory than it may", ("resource limits",), "ENOMEM"),
    _canary("start_many_threads", "start 40 threads", ("resource limits",), "RuntimeError"),
    _canary("write_a_long_file", "make a file of 96 MB", ("resource limits",), "EFBIG"),
    _canary(
        "fill_the_scratch_folder", "fill the scratch folder", ("scratch folder",), "ENOSPC", control="outside"
    ),
    _canary("outstay", "outstay the time limit", ("time limit",), "timeout", control="longer limit"),
)

QUICK: tuple[str, ...] = (
    "read_passwd", "read_proc", "list_root", "fork", "signal_the_server", "trace",
    "open_an_internet_socket", "make_a_namespace", "mount_a_folder", "use_a_capability", "gain_privileges",
    "lock_a_range", "raise_a_limit", "take_memory",
)  # fmt: skip
"""Attacks of the short look before a run: they leave nothing behind, so one child can try them all."""
