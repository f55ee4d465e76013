"""What a person reads when a wall cannot be raised: the wall, the cause, the fix."""

from __future__ import annotations

import errno

import pytest

from grader.sandbox import diagnosis


@pytest.mark.parametrize(
    ("wall", "number", "settings", "cause", "fix"),
    [
        (
            "user namespace",
            errno.ENOSPC,
            {"user/max_user_namespaces": "0"},
            "switched off",
            "user.max_user_namespaces=15000",
        ),
        (
            "user namespace",
            errno.EACCES,
            {"kernel/apparmor_restrict_unprivileged_userns": "1"},
            "AppArmor",
            "`userns,`",
        ),
        ("namespaces", errno.EPERM, {}, "container", "--security-opt seccomp=unconfined"),
        ("namespaces", errno.EINVAL, {}, "built without", "common Linux distribution"),
        ("landlock", errno.EOPNOTSUPP, {}, "no Landlock", "lsm="),
        ("system call filter", 0, {}, "does not support", "x86_64 or aarch64"),
        ("drop of root", errno.EINVAL, {}, "root", "ordinary user"),
        ("read-only root", errno.EPERM, {}, "mounting", "outside the container"),
    ],
)
def test_names_wall_cause_and_fix(wall, number, settings, cause, fix):
    error = diagnosis.explain(wall, number, "detail", read=settings.get)
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
