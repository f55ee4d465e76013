"""What a person reads when a wall cannot be raised: the wall, the cause, the fix."""

from __future__ import annotations

import errno
from functools import partial

import pytest

from grader.sandbox import diagnosis


@pytest.mark.parametrize(
    ("wall", "number", "settings", "cause", "fix"),
    [
        (
            "user namespace",
            errno.ENOSPC,
            {"sys/user/max_user_namespaces": "0\n"},
            "switched off",
            "user.max_user_namespaces=15000",
        ),
        (
            "user namespace",
            errno.EACCES,
            {"sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"},
            "AppArmor",
            "`userns,`",
        ),
        (
            "user namespace",
            errno.EPERM,
            {"sys/kernel/unprivileged_userns_clone": "0\n"},
            "ordinary users",
            "kernel.unprivileged_userns_clone=1",
        ),
        (
            "user namespace",
            errno.EPERM,
            {"self/status": "Name:\tgrader\nSeccomp:\t2\nSeccomp_filters:\t1\n"},
            "filter",
            "--security-opt seccomp=unconfined",
        ),
        (
            "namespaces",
            errno.EPERM,
            {"self/status": "Seccomp:\t0\n"},
            "something forbids",
            "--sandbox=landlock",
        ),
        ("namespaces", errno.ENOSPC, {}, "too many", "user.max_"),
        ("resource limits", errno.EPERM, {}, "lower limit", "ulimit -v unlimited"),
        ("drop of root", 0, {}, "", "a Python that every user may read"),
        ("namespaces", errno.EPERM, {}, "container", "--security-opt seccomp=unconfined"),
        ("namespaces", errno.EINVAL, {}, "built without", "common Linux distribution"),
        ("landlock", errno.EOPNOTSUPP, {}, "no Landlock", "lsm="),
        ("system call filter", 0, {}, "does not support", "x86_64 or aarch64"),
        ("drop of root", errno.EINVAL, {}, "root", "ordinary user"),
        ("read-only root", errno.EPERM, {}, "mounting", "outside the container"),
    ],
)
def test_names_wall_cause_and_fix(tmp_path, wall, number, settings, cause, fix):
    for name, text in settings.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    error = diagnosis.explain(wall, number, "detail", read=partial(diagnosis.read_proc, root=tmp_path))
    assert error.exit_code == 2
    assert f"“{wall}”" in str(error)
    assert cause in str(error).splitlines()[0]
    assert fix in str(error).splitlines()[1]


def test_open_gap_is_named():
    assert "sockets: let through" in str(diagnosis.explain_gaps({"sockets": "let through"}))


def test_failed_import_shows_its_last_line():
    error = diagnosis.explain_no_start(
        "its libraries could not be imported", "Traceback\nModuleNotFoundError: no torch\n"
    )
    assert "ModuleNotFoundError: no torch" in str(error)
