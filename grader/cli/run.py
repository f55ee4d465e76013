"""`grader run`: find rubrics and submissions, have them graded, print and write what came out."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from grader import __version__
from grader.cli import Interrupted
from grader.cli.interruption import interruptible
from grader.errors import UserError
from grader.models.rubric import Exam
from grader.models.run import RunInfo, RunSummary
from grader.models.submission import Submission
from grader.report import scores, terminal
from grader.report.progress import Progress
from grader.rubric.rubric_file import default_reference_root, find_exams, load_exam
from grader.sandbox.modes import SandboxMode
from grader.store import Store
from grader.submissions.submission import ExamLayout, exam_folders, read_submissions

DEFAULT_RUBRICS = Path("rubrics")


@interruptible()
def grade_class(
    submissions: Path,
    *,
    rubric: Path | None,
    out: Path,
    jobs: int | None,
    exam: str | None,
    sandbox: SandboxMode = "namespaces",
    as_json: bool,
) -> int:
    """Grade a folder of submissions and report; return the exit code.

    Raises UserError for what the operator can fix, Interrupted when stopped.
    """
    jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
    if jobs < 1:
        raise UserError(f"--jobs: must be at least 1, got {jobs}\n  Leave it out to use every core.")
    exams, found = _load(submissions, rubric, exam)
    progress = Progress(Console(stderr=True, quiet=as_json))
    with Store.open(out) as store:
        run = store.begin_run(_run_info(sandbox))
        summary = _grade(exams, found, store, jobs, progress, sandbox)
        files = [scores.write_scores(out, summary.results), scores.write_summary(out, summary.results)]
        store.finish_run(run)
    if as_json:
        print(json.dumps(_as_data(summary, files), ensure_ascii=True))
    else:
        terminal.show(summary, out, Console())
    return summary.exit_code


def _load(
    submissions: Path, rubric: Path | None, exam: str | None
) -> tuple[tuple[Exam, ...], tuple[Submission, ...]]:
    """Return the exams that the folder is about, and the submissions to them."""
    paths = {path.name: path for path in find_exams(_rubrics(rubric))}
    folders = exam_folders(submissions, tuple(paths), exam)
    exams = tuple(
        load_exam(paths[folder.exam], reference_root=default_reference_root(paths[folder.exam].parent))
        for folder in folders
    )
    return exams, read_submissions(folders, [ExamLayout.of(loaded) for loaded in exams])


def _rubrics(rubric: Path | None) -> Path:
    if rubric is not None:
        return rubric
    if not DEFAULT_RUBRICS.is_dir():
        raise UserError(
            "no rubrics: there is no folder `rubrics` here\n"
            "  Say where they are with --rubric DIR, or run grader in the folder that holds `rubrics`."
        )
    return DEFAULT_RUBRICS


def _grade(
    exams: tuple[Exam, ...],
    submissions: tuple[Submission, ...],
    store: Store,
    jobs: int,
    progress: Progress,
    sandbox: SandboxMode,
) -> RunSummary:
    from grader import engine  # numpy and the sandbox: only when there is something to grade

    try:
        return engine.grade(exams, submissions, store=store, jobs=jobs, progress=progress, sandbox=sandbox)
    except KeyboardInterrupt:
        if not progress.total:
            raise
        kept = f"{progress.done} of {progress.total} jobs kept"
        raise Interrupted(f"interrupted: {kept}; run the same command again to resume") from None
    finally:
        progress.stop()


def _run_info(sandbox: SandboxMode) -> RunInfo:
    return RunInfo(
        grader=__version__,
        python=platform.python_version(),
        torch=_version("torch"),
        numpy=_version("numpy"),
        machine=f"{platform.machine()} {platform.system()} {platform.release()}",
        sandbox=sandbox,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _as_data(summary: RunSummary, files: list[Path]) -> dict[str, object]:
    """Return what `--json` prints: the run's numbers, the files, and every submission with its parts."""
    return {
        "exit_code": summary.exit_code,
        **summary.model_dump(mode="json", exclude={"results"}),
        "files": [str(path) for path in files],
        "results": [
            {
                "exam": result.exam,
                "submission": result.submission,
                "points": result.points,
                "max_points": result.max_points,
                "notes": result.notes,
                "parts": [
                    {
                        "part": part.part,
                        "status": part.status.value,
                        "points": part.points,
                        "max_points": part.max_points,
                        "auto_points": part.auto_points,
                        "manual_points": part.manual_points,
                        "messages": [check.message for check in part.checks if check.message],
                    }
                    for part in result.parts
                ],
            }
            for result in summary.results
        ],
    }
