"""The command line: what each command takes. What it does is imported as it runs: `--help` stays quick."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from grader import __version__
from grader.errors import GraderError

# A word that a command does not know. Typer exports only the subclass, and newer ones bring their own click.
_USAGE_ERROR: Any = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="grader",
    help="Mark deep-learning exams: student Python in, marks and reasons out.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Interrupted(GraderError):
    """Someone pressed Ctrl-C; what was finished is kept."""

    exit_code = 130


def main() -> None:
    """Run the command line and leave with its exit code.

    0 done; 1 finished, but some jobs are internal errors; 2 the person at the keyboard can fix it;
    130 interrupted, all finished work kept.
    """
    _never_fail_on_output()
    sys.exit(run_command(sys.argv[1:]))


def run_command(words: list[str]) -> int:
    """Run one command and return its exit code; what was raised on purpose is told without a traceback.

    With `--json` among the words that is JSON on stdout: `{"error": {"message": …, "exit_code": …}}`.
    """
    as_json = "--json" in words
    try:
        code = app(words, prog_name="grader", standalone_mode=False)
    except GraderError as error:
        _tell(str(error), error.exit_code, as_json)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _tell("interrupted", Interrupted.exit_code, as_json)
        return Interrupted.exit_code
    except _USAGE_ERROR as error:
        if as_json:
            _tell(error.format_message(), error.exit_code, as_json)
        else:
            error.show()
        return int(error.exit_code)
    return code if isinstance(code, int) else 0


def _tell(message: str, exit_code: int, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": {"message": message, "exit_code": exit_code}}))
    else:
        print(f"grader: {message}", file=sys.stderr)


def _never_fail_on_output() -> None:
    """A terminal without UTF-8 gets `\\\\u2026` in place of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"grader {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave."),
    ] = False,
) -> None:
    pass


_ExamId = Annotated[str | None, typer.Option(help="Exam id, where the folder does not say it.", metavar="ID")]
_Sandbox = Annotated[
    str,
    typer.Option(
        help="How student code is kept in; `landlock` is weaker, for machines that forbid namespaces.",
        metavar="namespaces|landlock|none",
    ),
]
_Trusted = Annotated[
    bool,
    typer.Option("--i-trust-these-submissions", help="Goes with --sandbox=none, which keeps in nothing."),
]


@app.command("run")
def _run(
    submissions: Annotated[
        Path,
        typer.Argument(
            help="Folder that holds a folder (or a .py or .zip file) a student, or one folder an exam."
        ),
    ],
    rubric: Annotated[
        Path | None, typer.Option(help="Folder of the rubrics.", show_default="./rubrics", metavar="DIR")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.", metavar="DIR")] = Path("results"),
    jobs: Annotated[
        int | None,
        typer.Option(help="Submissions graded at once.", show_default="number of cores", metavar="N"),
    ] = None,
    exam: _ExamId = None,
    sandbox: _Sandbox = "namespaces",
    trusted: _Trusted = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON, and failures too.")
    ] = False,
) -> None:
    """Grade a folder of submissions. Run it again to resume: finished work is kept."""
    try:
        from grader.cli.run import grade_class
        from grader.cli.sandbox_mode import chosen_mode

        code = grade_class(
            submissions,
            rubric=rubric,
            out=out,
            jobs=jobs,
            exam=exam,
            sandbox=chosen_mode(sandbox, is_trusted=trusted),
            as_json=as_json,
        )
    except KeyboardInterrupt:
        raise Interrupted("interrupted before the first job; nothing is lost") from None
    raise typer.Exit(code)


@app.command("doctor")
def _doctor(
    jobs: Annotated[
        int | None,
        typer.Option(help="Submissions graded at once.", show_default="number of cores", metavar="N", min=1),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was found as JSON, and failures too.")
    ] = False,
) -> None:
    """See whether every wall around student code holds on this machine; takes about 20 seconds."""
    from grader.cli.doctor import show

    raise typer.Exit(show(jobs=jobs, as_json=as_json))
