"""The doctor: what it reads of a machine, what counts as a miss, and its canaries on real fork servers."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from grader import cli
from grader.doctor import examination, facts, quick, report, run
from grader.doctor.bait import Bait
from grader.doctor.canaries import CANARIES, QUICK
from grader.doctor.canary import Canary
from grader.doctor.cost import Cost
from grader.doctor.run import CanaryResult
from grader.doctor.session import ATTACKS
from grader.errors import SandboxError
from grader.sandbox import ForkServer

ROOT = Path(__file__).parents[1]
FORK = Canary(attack="fork", title="fork", held_by=("system call filter",), outcome=("EPERM",))
KEYS = Canary(
    attack="use_keys", title="keys", held_by=("system call filter",), outcome=("EPERM",), may_lack=True
)
MACHINE = facts.MachineFacts(
    system="Linux 6.8.0",
    arch="x86_64",
    uid=1000,
    settings={"kernel/apparmor_restrict_unprivileged_userns": "1"},
    security_modules=(),
    seccomp_actions=("errno",),
    cgroup="v2",
    cores=2,
    memory_mb=8000,
    swap_mb=0,
)


def result(outcome: str, control: str, canary: Canary = FORK) -> CanaryResult:
    return CanaryResult(canary=canary, outcome=outcome, control=control)


def examined(*results: CanaryResult, problem: str | None = None) -> examination.Examination:
    return examination.Examination(machine=MACHINE, problem=problem, canaries=results)


def test_there_are_at_least_forty_canaries_and_no_two_are_the_same():
    assert len({canary.id for canary in CANARIES}) == len(CANARIES) >= 40


def test_every_canary_has_its_attack_and_every_attack_is_used():
    tree = ast.parse(ATTACKS.read_bytes())
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}
    used = {name for canary in CANARIES for name in (canary.attack, canary.before) if name}
    assert defined - {"attempt"} == used


def test_the_security_page_names_every_wall_and_every_canary(server):
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    walls = {*server.info.walls, *(wall for canary in CANARIES for wall in canary.held_by)}
    assert [wall for wall in sorted(walls) if f"| `{wall}` |" not in page] == []
    assert [canary.title for canary in CANARIES if canary.title not in page] == []


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (result("EPERM", "through"), True),
        (result("through", "through"), False),
        (result("ENOENT", "through"), False),
        (result("EPERM", "EPERM"), False),
        (result("EPERM", "EPERM", KEYS), True),
        (result("EPERM", "ENOSYS", KEYS), True),
        (result("EPERM", "timeout", KEYS), False),
    ],
    ids=[
        "held",
        "let through",
        "stopped otherwise",
        "proves nothing",
        "lacking",
        "no such call",
        "no reason",
    ],
)
def test_a_canary_counts_only_if_it_is_stopped_and_its_control_gets_through(found, passed):
    assert examined(found).passed is passed


def test_an_examination_without_canaries_or_with_a_problem_does_not_pass():
    assert not examined().passed
    assert not examined(result("EPERM", "through"), problem="the fork server is gone").passed


def test_a_line_names_attack_wall_and_control():
    found = examined(result("EPERM", "through"), result("through", "through"), result("EPERM", "EPERM"))
    lines = [" ".join(line.split()) for line in report.lines(found) if " fork " in line]
    assert lines == [
        "✓ fork EPERM by system call filter → gets through without it",
        "✗ fork ended in through, must be EPERM by system call filter → gets through without it",
        "✗ fork EPERM by system call filter → PROVES NOTHING: EPERM without it",
    ]


def test_the_verdict_names_what_misses():
    *_, verdict = report.lines(examined(result("through", "through")))
    assert verdict.splitlines()[0] == "✗ not fit to grade: 1 of 1 canaries miss (fork)"


def test_the_apparmor_switch_is_told():
    assert "kernel.apparmor_restrict_unprivileged_userns = 1 (forbids them)" in "\n".join(
        report.lines(examined())
    )


def test_facts_come_from_the_kernels_files():
    files = {
        "/proc/meminfo": "MemTotal:  8192000 kB\nSwapTotal:       2097152 kB",
        "/proc/sys/user/max_user_namespaces": "0",
        "/sys/kernel/security/lsm": "capability,landlock",
        "/sys/fs/cgroup/cgroup.controllers": "cpu memory",
    }
    found = facts.gather(files.get)
    assert (found.swap_mb, found.cgroup, found.security_modules) == (2048, "v2", ("capability", "landlock"))
    assert found.settings["user/max_user_namespaces"] == "0"
    assert found.settings["kernel/unprivileged_userns_clone"] is None


def test_a_class_is_estimated_from_one_childs_cost():
    assert Cost(child_ms=10, workers=2).class_s == pytest.approx(125)


def test_the_short_look_passes_on_a_server_with_all_walls(server):
    quick.check_walls(server)


def test_attacks_of_the_short_look_are_known():
    assert set(QUICK) <= {canary.attack for canary in CANARIES}


def test_the_short_look_names_the_wall_that_is_missing(monkeypatch):
    monkeypatch.setattr(quick, "QUICK", ("list_root", "fork"))
    with ForkServer._start(without=frozenset({"landlock"}), driver=run._PLAIN_DRIVER, warm_up=False) as weak:
        claims_all = weak.info.model_copy(update={"walls": (*weak.info.walls, "landlock")})
        weak.info = claims_all
        with pytest.raises(SandboxError) as caught:
            quick.check_walls(weak)
    assert "“list /”, which the wall “landlock” should stop, ended in: through" in str(caught.value)
    assert "fork" not in str(caught.value).split("Run `grader doctor`")[0]


def test_every_canary_is_stopped_and_its_control_gets_through(server):
    with Bait() as bait:
        found = run.run_canaries(server, bait)
    assert [(r.canary.id, r.outcome, r.control) for r in examined(*found).missed] == []
    assert {r.control for r in found if not r.canary.may_lack} == {"through"}


def test_bait_is_taken_away_again():
    with Bait() as bait:
        assert (bait.folder / "secret.txt").is_file()
    assert not bait.folder.exists()


def test_a_machine_without_a_sandbox_gets_facts_and_the_reason():
    def refuse() -> ForkServer:
        raise SandboxError("sandbox: the wall “landlock” cannot be raised.\n  Use a later kernel.")

    found = examination.examine(workers=1, start=refuse)
    lines = list(report.lines(found))
    assert lines[0].startswith("machine: Linux")
    assert lines[-1] == (
        "✗ not fit to grade: sandbox: the wall “landlock” cannot be raised.\n  Use a later kernel."
    )


@pytest.mark.parametrize(("outcome", "code"), [("EPERM", 0), ("through", 2)])
def test_the_command_prints_data_and_exits_by_the_verdict(monkeypatch, capsys, outcome, code):
    monkeypatch.setattr("grader.cli.doctor.examine", lambda **_: examined(result(outcome, "through")))
    assert cli.run_command(["doctor", "--json"]) == code
    data = json.loads(capsys.readouterr().out)
    assert (data["passed"], data["canaries"][0]["outcome"]) == (code == 0, outcome)
