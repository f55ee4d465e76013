"""The small read-only world of a fork server: what is in it, how it is built, what is hidden at the end."""

from __future__ import annotations

import os
import site
import stat
import sys
import sysconfig
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from grader.guest import libc, walls
from grader.guest.libc import WallError, wall

SANDBOX_ID = 60_700
"""User and group id of the fork server when root starts it: a number that no distribution hands out."""

JOB_FOLDER = "/job"
SCRATCH = "/job/scratch"

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

_BUILD_SITE = "/tmp"
_LOADER_CACHE = "/etc/ld.so.cache"
_SYSTEM_LIBRARIES = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")
_WARMUP = ("/proc", "/sys/devices/system/cpu")
_READ_ONLY = libc.MS_RDONLY | libc.MS_NOSUID
_EMPTY = libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC


@dataclass(frozen=True)
class RootPlan:
    """What the root holds: `folders` and `files` for good, `warmup` while libraries are imported.

    `hidden` are places inside `folders` that are covered before the first child.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]
    warmup: tuple[str, ...]
    hidden: tuple[str, ...]

    @property
    def readable(self) -> tuple[str, ...]:
        """What a child may read."""
        return (*self.folders, *self.files, *DEVICES)


def plan_root(package: str, libraries: Sequence[str], hidden: Sequence[str]) -> RootPlan:
    """Choose the folders of the root: the interpreter's libraries, shared libraries, site-packages.

    `package` is the folder of `grader.guest`, there while modules are imported; `libraries` are further
    folders to import from; nothing of `hidden` is left inside.
    Raises WallError where a hidden path is one of the folders.
    """
    wanted = [
        os.path.dirname(os.__file__),
        *_interpreter_libraries(),
        *_packages(libraries),
        *_shared_libraries(),
    ]
    folders = _outermost(path for path in wanted if os.path.isdir(path))
    files = tuple(path for path in (_LOADER_CACHE,) if os.path.isfile(path))
    warmup = tuple(
        path for path in (*_WARMUP, package) if os.path.isdir(path) and not _is_below(path, folders)
    )
    inside = tuple(place for path in hidden for place in _places_inside(path, folders))
    return RootPlan(folders, files, warmup, _outermost(inside))


def enter(plan: RootPlan, without: Set[str] = frozenset()) -> None:
    """Move this process into namespaces and a root of its own; return in a child that is process 1 there.

    The calling process waits for that child and ends as it ended. Walls of `without` are left out.
    Raises WallError.
    """
    if not walls.has_namespaces(without):
        _become_nobody()
        _check_reach(plan)
        _become_first_process()
        return
    if "private root" in without:
        plan = _widened(plan)
    if os.geteuid() == 0:
        # Real root builds the tree: the interpreter may lie where only root can look, such as below /root.
        with wall("mount namespace"):
            libc.unshare(libc.CLONE_NEWNS)
        _build(plan)
        _become_nobody()
        _leave_for_own_namespaces(without)
    else:
        _leave_for_own_namespaces(without)
        _build(plan)
    _pivot()
    _become_first_process()


def seal(plan: RootPlan, without: Set[str] = frozenset()) -> None:
    """Take away what only the warm-up needed, and hide what must not be seen; the last change to the root."""
    if not walls.has_namespaces(without):
        return
    covered = (*plan.hidden, *plan.warmup) if "private root" not in without else ()
    with wall("read-only root"):
        os.chdir("/")
        libc.unmount(SCRATCH)
        for path in covered:
            if os.path.isdir(path):
                libc.mount("tmpfs", path, "tmpfs", _EMPTY, "size=4k,nr_inodes=2,mode=555")
            else:
                libc.mount("/dev/null", path, None, libc.MS_BIND)
        if not walls.mounts_scratch(without):
            mount_scratch(SCRATCH, 64)


def mount_scratch(path: str, size_mb: int) -> None:
    """Mount a private, empty scratch folder and go there. Raises OSError."""
    flags = libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC
    libc.mount("tmpfs", path, "tmpfs", flags, f"size={size_mb}m,nr_inodes=4096,mode=700")
    os.chdir(path)


def _interpreter_libraries() -> list[str]:
    libraries = os.path.join(sys.base_prefix, "lib")
    own = [] if libraries in _SYSTEM_LIBRARIES else [libraries]
    dynamic = [path for path in sys.path if os.path.basename(path) == "lib-dynload"]
    return own + dynamic


def _packages(libraries: Sequence[str]) -> list[str]:
    # Known places only: .pth files also put things on the path, such as the checkout of an editable install.
    known = set(site.getsitepackages())
    return [path for path in sys.path if path in known] + [os.path.abspath(path) for path in libraries]


def _shared_libraries() -> list[str]:
    multiarch = sysconfig.get_config_var("MULTIARCH")
    if multiarch:
        folders = [os.path.join(base, multiarch) for base in ("/lib", "/usr/lib")]
        if any(map(os.path.isdir, folders)):
            return folders
    if os.path.isdir("/usr/lib64"):
        return ["/lib64", "/usr/lib64"]
    return ["/lib", "/usr/lib"]


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(set(paths), key=len):
        if not _is_below(path, kept):
            kept.append(path)
    return tuple(kept)


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def _places_inside(path: str, folders: Iterable[str]) -> list[str]:
    """Return where a path of the outside shows up below the bound folders, symbolic links followed."""
    real, places = os.path.realpath(path), []
    for folder in folders:
        base = os.path.realpath(folder)
        if real == base:
            raise WallError(
                "read-only root", 0, f"{path} must stay hidden, but the libraries lie right in it"
            )
        if real.startswith(base + "/") and os.path.exists(real):
            places.append(folder + real[len(base) :])
    return places


def _become_nobody() -> None:
    if os.geteuid() != 0:
        return
    with wall("drop of root"):
        os.setgroups([])
        os.setresgid(SANDBOX_ID, SANDBOX_ID, SANDBOX_ID)
        os.setresuid(SANDBOX_ID, SANDBOX_ID, SANDBOX_ID)
        libc.prctl(libc.PR_SET_DUMPABLE, 1)  # or the maps below /proc/self would belong to root


def _check_reach(plan: RootPlan) -> None:
    """Without mounts of its own, a server that root started needs a way to its libraries as nobody."""
    for path in plan.folders:
        if not os.access(path, os.R_OK | os.X_OK):
            raise WallError("drop of root", 0, f"Python lies where only root may look ({path})")


def _widened(plan: RootPlan) -> RootPlan:
    """Return a plan with the machine's folders in it, as a root that hides nothing."""
    tops = [f"/{name}" for name in os.listdir("/") if name not in ("dev", "sys", "proc")]
    open_tops = [top for top in tops if os.path.isdir(top) and os.stat(top).st_mode & stat.S_IXOTH]
    real = [top for top in open_tops if not os.path.islink(top)]
    folders = _outermost((*plan.folders, *real))
    warmup = tuple(path for path in plan.warmup if not _is_below(path, folders))
    return RootPlan(folders, tuple(f for f in plan.files if not _is_below(f, folders)), warmup, plan.hidden)


def _leave_for_own_namespaces(without: Set[str]) -> None:
    user, group = os.getuid(), os.getgid()
    with wall("user namespace"):
        libc.unshare(libc.CLONE_NEWUSER)
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"1000 {user} 1"),
            ("gid_map", f"1000 {group} 1"),
        ):
            with open(f"/proc/self/{name}", "wb", buffering=0) as file:
                file.write(text.encode())
    with wall("namespaces"):
        # Whatever else is left out, mounts and process ids of the machine are not the fork server's to change.
        libc.unshare(walls.namespaces(without) | libc.CLONE_NEWNS | libc.CLONE_NEWPID)
        if "host name namespace" not in without:
            libc.set_host_name(b"sandbox")


def _build(plan: RootPlan) -> None:
    """Build the tree as a tmpfs on the build site, from sources opened before the site covers any of them."""
    with wall("read-only root"):
        libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
        paths = (*plan.folders, *plan.files, *DEVICES, *plan.warmup)
        sources = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in paths}
        libc.mount("tmpfs", _BUILD_SITE, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "size=1m,mode=755")
        os.umask(0o022)
        os.makedirs(_BUILD_SITE + SCRATCH)
        for path, fd in sources.items():
            _bind(fd, _BUILD_SITE + path, _READ_ONLY if path in DEVICES else _READ_ONLY | libc.MS_NODEV)
            os.close(fd)
        libc.set_mount_flags(_BUILD_SITE, _EMPTY, recursive=False)


def _bind(source: int, target: str, flags: int) -> None:
    if stat.S_ISDIR(os.fstat(source).st_mode):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC))
    libc.mount(f"/proc/self/fd/{source}", target, None, libc.MS_BIND | libc.MS_REC)
    libc.set_mount_flags(target, flags, recursive=True)


def _pivot() -> None:
    with wall("read-only root"):
        # Bound onto itself: a mount that came from a more powerful namespace cannot be a new root.
        libc.mount(_BUILD_SITE, _BUILD_SITE, None, libc.MS_BIND | libc.MS_REC)
        os.chdir(_BUILD_SITE)
        libc.pivot_root(".", ".")
        libc.unmount(".")
        os.chdir("/")
        mount_scratch(SCRATCH, 16)  # torch asks for a temporary folder while it is imported


def _become_first_process() -> None:
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    with wall("process namespace"):
        libc.prctl(libc.PR_SET_PDEATHSIG, 9)
