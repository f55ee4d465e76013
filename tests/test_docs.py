"""The docs name what there is, and no file of the project names what only one machine has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from grader.cli import app
from grader.guest.vocabulary import GROUPS
from grader.models.forbid import FORBID_GROUPS

ROOT = Path(__file__).parents[1]

# A path that starts at the root of somebody's machine; /usr, /etc, /proc and the like are the same on every Linux.
MACHINE_PATH = re.compile(
    r"(?<![\w.)}\]*-])(?:/(?:home|root|opt|work|shared|mnt|srv|Users)/\w|[A-Z]:\\Users)"
)
REGISTRY_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|download\.pytorch\.org|conda\.anaconda\.org|npmjs\.(?:org|com)"
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def docs() -> dict[str, str]:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {name_of(page): page.read_text("utf-8") for page in pages}


def test_the_docs_name_every_command_and_its_options():
    text = (ROOT / "docs" / "README.md").read_text("utf-8")
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group: it has several commands
    options = {o for c in commands.values() for p in c.params for o in p.opts if o.startswith("--")} - {
        "--help"
    }
    assert [name for name in commands if f"`grader {name}" not in text] == []
    assert [option for option in sorted(options) if f"`{option}" not in text] == []


def test_rubrics_guest_and_docs_know_the_same_groups_of_forbidden_constructs():
    text = (ROOT / "docs" / "forbid.md").read_text("utf-8")
    assert sorted(FORBID_GROUPS) == sorted(GROUPS)
    assert [group for group in sorted(GROUPS) if f"`{group}`" not in text] == []


def test_the_architecture_page_names_everything_directly_below_grader():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    found = [p for p in (ROOT / "grader").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()]
    names = [f"{p.name}/" if p.is_dir() else p.name for p in found if not p.name.startswith("__")]
    assert [name for name in sorted(names) if name not in text] == []


def test_docs_point_at_files_that_exist():
    pointed = [
        (page, target)
        for page, text in docs().items()
        for target in re.findall(
            r"`((?:grader|tests|docs|rubrics|reference|benchmarks|scripts)/[\w./]+\.\w+)`", text
        )
        if "my_exam" not in target
    ]
    linked = [
        (page, str(Path(page).parent / target))
        for page, text in docs().items()
        for target in re.findall(r"\]\(([\w./-]+)\)", text)
    ]
    assert [(page, target) for page, target in pointed + linked if not (ROOT / target).exists()] == []


def test_the_index_lists_every_page():
    text = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = [
        str(p.relative_to(ROOT / "docs"))
        for p in sorted((ROOT / "docs").rglob("*.md"))
        if p.name != "README.md"
    ]
    assert [page for page in pages if f"({page})" not in text] == []


def test_changelog_entries_are_one_sentence_under_a_known_word():
    entries = sorted((ROOT / "changelog").glob("*"))
    assert [
        p.name for p in entries if not re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed)\.md", p.name)
    ] == []
    assert [p.name for p in entries if len(p.read_text("utf-8").strip().splitlines()) != 1] == []


def tracked_files() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout: what belongs to the project cannot be told from what lies about")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip(f"git does not list this checkout's files: {listed.stderr.decode().strip()}")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY_HOST], ids=["path of a machine", "registry host"])
def test_no_file_names_what_only_one_machine_has(pattern):
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["see /home~/ada/x", '"/opt~/venv"', "C:\\Users~\\ada"])
def test_the_path_rule_knows_a_machines_path(text):
    assert MACHINE_PATH.search(text.replace("~", ""))  # or this very file would break the rule


@pytest.mark.parametrize("text", ["/usr/lib", "/job/scratch", "grader/sandbox/", "tests/work/x", "my/opt/x"])
def test_the_path_rule_leaves_other_paths_alone(text):
    assert not MACHINE_PATH.search(text)
