"""Which folders a child may read, and where a hidden path shows up in them."""

from __future__ import annotations

import pytest

from grader.guest import root
from grader.guest.libc import WallError


def test_root_and_home_are_never_bound():
    plan = root.plan_root("/nowhere", [], [])
    assert {"/", "/usr", "/etc", "/home", "/root", "/tmp", "/usr/bin"}.isdisjoint(plan.folders)


def test_folder_on_the_path_that_holds_no_packages_is_left_out(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert str(tmp_path) not in root.plan_root("/nowhere", [], []).folders


def test_hidden_folder_in_a_library_folder_is_covered(tmp_path):
    (tmp_path / "exam").mkdir()
    plan = root.plan_root(
        "/nowhere", [str(tmp_path)], [str(tmp_path / "exam"), "/elsewhere", str(tmp_path / "missing")]
    )
    assert plan.hidden == (str(tmp_path / "exam"),)


def test_hidden_folder_is_found_behind_a_link(tmp_path):
    (tmp_path / "libraries/exam").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "libraries")
    plan = root.plan_root("/nowhere", [str(tmp_path / "link")], [str(tmp_path / "libraries/exam")])
    assert plan.hidden == (str(tmp_path / "link/exam"),)


def test_hidden_folder_that_is_a_library_folder_is_refused(tmp_path):
    with pytest.raises(WallError, match="must stay hidden"):
        root.plan_root("/nowhere", [str(tmp_path)], [str(tmp_path)])
