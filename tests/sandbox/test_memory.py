"""Control groups where they can be had, and whether the machine has the memory for its fork servers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.sandbox import ForkServer, check_memory
from grader.sandbox.cgroup import ControlGroup, Place, find_places
from grader.sandbox.memory import machine_memory_mb
from tests.sandbox.conftest import LIMITS, STUB, ask

MB = 1 << 20


@pytest.fixture
def tree(tmp_path):
    """A folder that stands for /sys/fs/cgroup, in version 1 and with an empty version 2 beside it."""
    for name in ("memory", "pids", "unified"):
        (tmp_path / name).mkdir()
    (tmp_path / "unified/cgroup.subtree_control").write_text("")
    return tmp_path


def test_own_groups_of_the_machine_can_be_divided(tree):
    assert find_places("8:pids:/\n4:memory:/\n1:cpu:/\n0::/\n", tree) == (
        Place(tree / "pids", 1, frozenset({"pids"})),
        Place(tree / "memory", 1, frozenset({"memory"})),
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's own folder counts as delegated")
def test_group_that_something_else_keeps_is_left_alone(tree):
    (tree / "memory/engine").mkdir()
    assert find_places("4:memory:/engine\n", tree) == ()


def test_version_2_says_what_its_groups_rule(tmp_path):
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    assert find_places("0::/\n", tmp_path) == (Place(tmp_path, 2, frozenset({"memory", "pids"})),)


def test_no_control_groups_is_no_problem(tmp_path):
    assert find_places("", tmp_path) == find_places("0::/gone\n", tmp_path) == ()


@pytest.mark.parametrize(
    ("version", "files"),
    [
        (
            1,
            {
                "memory.limit_in_bytes": str(100 * MB),
                "memory.memsw.limit_in_bytes": str(100 * MB),
                "pids.max": "9",
            },
        ),
        (2, {"memory.max": str(100 * MB), "memory.swap.max": "0", "pids.max": "9"}),
    ],
)
def test_limits_are_written(tmp_path, version, files):
    group = ControlGroup.make([Place(tmp_path, version, frozenset({"memory", "pids"}))])
    group.add(7)
    group.limit(memory_mb=100, processes=9)
    (folder,) = tmp_path.iterdir()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"cgroup.procs": "7", **files}
    assert group.description == f"memory (v{version}), pids (v{version})"


def test_groups_of_killed_runs_are_removed_and_no_others(tmp_path):
    for name in ("grader-1-1-0a1b2c3d", "other"):
        (tmp_path / name).mkdir()
    group = ControlGroup.make([Place(tmp_path, 1, frozenset({"pids"}))])
    group.remove()
    assert os.listdir(tmp_path) == ["other"]


@pytest.mark.skipif(not find_places(), reason="no control group can be had here")
def test_group_of_a_server_is_there_while_it_is_and_gone_afterwards():
    place = find_places()[0].folder
    mine = f"grader-{os.getpid()}-*"
    before = set(place.glob(mine))
    with ForkServer._start(driver=STUB, warm_up=False) as server:
        with server.fork(LIMITS) as child:
            ask(child, "result = 1")
            (folder,) = set(place.glob(mine)) - before
            assert len((folder / "cgroup.procs").read_text().split()) == 3
        assert server.info.control_group
    assert set(place.glob(mine)) == before


def test_servers_that_fit_the_machine():
    fit = check_memory(2, base_mb=659.3, limit_mb=2048, machine_mb=8000)
    assert fit.is_enough
    assert fit.message == "memory: the fork servers fit (2 × 2708 MB = 5416 MB of 8000 MB)"


def test_servers_that_do_not_fit_the_machine():
    fit = check_memory(4, base_mb=659.3, limit_mb=2048, machine_mb=8000)
    assert not fit.is_enough
    assert fit.message.endswith("(4 × 2708 MB = 10832 MB of 8000 MB); grade with --jobs 2")


@pytest.mark.parametrize(
    ("own", "file", "text", "expected"),
    [
        ("0::/box\n", "box/memory.max", "1073741824\n", 1024),
        ("0::/box\n", "box/memory.max", "max\n", 2000),
        ("4:memory:/box\n", "memory/box/memory.limit_in_bytes", "1073741824\n", 1024),
        ("", "unused", "", 2000),
    ],
)
def test_memory_of_the_machine_or_of_its_container(tmp_path, own, file, text, expected):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemFree: 1 kB\nMemTotal:  2048000 kB\n")
    (tmp_path / "proc/self/cgroup").write_text(own)
    limit = tmp_path / "sys/fs/cgroup" / file
    limit.parent.mkdir(parents=True)
    limit.write_text(text)
    assert machine_memory_mb(Path(tmp_path)) == expected
