"""What a rubric says: exams, questions, parts, checks, cases. The fields are the keys of the YAML files, one to one."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from grader.models.base import Model

Points: TypeAlias = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Credit: TypeAlias = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=80)]
Id: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$", max_length=80)]
FileName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", max_length=200)]

DEFAULT_RTOL = 2e-6
"""Default relative tolerance of a float64 answer: above the noise of a reordered float64 sum and of a stray float32
rounding, below 1e-5 and below a missing eps."""


class Close(Model):
    """Equal within a tolerance: `|actual - expected| <= rtol * |expected| + rtol * scale(expected) + atol`."""

    kind: Literal["close"] = "close"
    rtol: float = Field(DEFAULT_RTOL, ge=0, lt=1, allow_inf_nan=False, description="Relative part, no unit.")
    atol: float = Field(0.0, ge=0, allow_inf_nan=False, description="Absolute part, unit of the value.")
    accept_half: bool = Field(
        False, description="float16 and bfloat16 answers are judged, at their own precision."
    )
    squeeze: bool = Field(False, description="Size-1 axes more or fewer do not matter.")


class Exact(Model):
    """Equal: counts, shapes, booleans, filters, normalised text. Integral floats count as integers."""

    kind: Literal["exact"] = "exact"
    share_axis: int | None = Field(
        None, ge=0, description="Axis along which each right slice earns an even share of the points."
    )
    squeeze: bool = Field(False, description="Size-1 axes more or fewer do not matter.")


class Choice(Model):
    """Picked the right option: a boolean or a word; spelling of case and of true/yes is forgiven."""

    kind: Literal["choice"] = "choice"


def _judge_from_word(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


Judge: TypeAlias = Annotated[
    Annotated[Close | Exact | Choice, Field(discriminator="kind")], BeforeValidator(_judge_from_word)
]

Scalar: TypeAlias = bool | int | float | str | None
Argument = TypeAliasType("Argument", "Scalar | list[Argument]")
"""A number, a boolean, an expression such as `normal(2, 3)` or `given.tanh`, or a list of these."""


class Cases(Model):
    """The inputs of a check: each case maps the parameters' names, in their order, to an argument.

    With `make`, a case holds the keyword arguments of that function of the reference file, which is called with a
    seeded `numpy.random.Generator` first and returns the arguments of the student's function as a dict, in order.
    """

    make: Name | None = None
    public: tuple[dict[Name, Argument], ...] = ()
    hidden: tuple[dict[Name, Argument], ...] = ()


class Catch(Model):
    """A wrong answer that students really give, recognised by its output; worth `credit` and the sentence `say`.

    Exactly one way to recognise it: `like` (a wrong implementation in the reference file gives the same outputs),
    `equals` (this very value), `unregistered` (a module that is right but hides parameters from PyTorch).
    """

    like: Name | None = None
    equals: Argument | None = None
    unregistered: bool = False
    credit: Credit
    say: str = Field(min_length=1, max_length=500)
    weights: dict[Name, str] | None = Field(
        None, description="With `like` on a module: its own weights, where they differ."
    )


class _ScoredCheck(Model):
    points: Points
    title: str | None = Field(
        None, max_length=200, description="What is checked, in a few words, as students read it."
    )
    reference: Name | None = Field(
        None, description="Name in the reference file; the student's name where left out."
    )
    take: int | Name | None = Field(None, description="Judge only this item of the result.")
    judge: Judge = Close()
    catch: tuple[Catch, ...] = ()
    forbid: tuple[str, ...] = Field((), description="Constructs that the answer may not use.")


class ValueCheck(_ScoredCheck):
    """Reads a module-level name."""

    value: Name


class CallCheck(_ScoredCheck):
    """Calls a function on each case, arguments by position."""

    call: Name
    cases: Name | Cases


Measure: TypeAlias = Literal["parameter_count", "forward", "gradients", "shape", "modes"]


class ModuleCheck(_ScoredCheck):
    """Builds an `nn.Module` and measures one thing of it; the reference is a function of the input and the weights."""

    module: Name
    measure: Measure
    weights: Name | dict[Name, str] = Field(
        description="In the order the data meets them: name → axes, such as `branch=32 out=4 in=256`."
    )
    cases: Name | Cases | None = None


class ProseCheck(Model):
    """One item that a person looks for in the section of `answers.md`."""

    prose: str = Field(min_length=1, max_length=500, description="What the marker looks for.")
    points: Points


def _check_kind(value: Any) -> str | None:
    if isinstance(value, dict):
        kinds = [kind for kind in ("value", "call", "module", "prose") if kind in value]
        return kinds[0] if len(kinds) == 1 else None
    for kind in ("value", "call", "module", "prose"):
        if hasattr(value, kind):
            return kind
    return None


Check: TypeAlias = Annotated[
    Annotated[ValueCheck, Tag("value")]
    | Annotated[CallCheck, Tag("call")]
    | Annotated[ModuleCheck, Tag("module")]
    | Annotated[ProseCheck, Tag("prose")],
    Discriminator(_check_kind),
]


class Limits(Model):
    """What one question's job may use; the host measures."""

    call_s: float = Field(10.0, gt=0, le=600, description="Wall time of loading the file, and of one call.")
    job_s: float = Field(60.0, gt=0, le=3600, description="Wall time of the whole job.")
    memory_mb: int = Field(
        2048, ge=64, le=65536, description="Address space on top of the fork server's own."
    )


class Question(Model):
    """One question file of an exam: `rubrics/<exam>/<question>.yaml`."""

    question: Id
    title: str = Field(min_length=1, max_length=200)
    file: FileName = Field(description="The student's file.")
    points: Points = Field(
        description="Sum over all parts; written out so that a slip in a check is noticed."
    )
    limits: Limits = Limits()
    cases: dict[Name, Cases] = Field({}, description="Named cases, for checks that share them.")
    weights: dict[Name, dict[Name, str]] = Field(
        {}, description="Named weights, for module checks that share them."
    )
    parts: dict[Id, tuple[Check, ...]] = Field(min_length=1, description="Part id (`q5b`) → its checks.")


class ExamHeader(Model):
    """`rubrics/<exam>/exam.yaml`."""

    exam: Id
    title: str = Field(min_length=1, max_length=200)
    points: Points = Field(description="Sum over all questions.")
    arrays: Literal["torch", "numpy"] = Field(
        description="What arrays reach the student as: float64 of this library."
    )
    questions: tuple[Id, ...] = Field(min_length=1, description="In the order of the exam paper.")


class Exam(Model):
    """One exam, all its files read: what grading needs, and nothing that points at a path."""

    header: ExamHeader
    questions: tuple[Question, ...]
    given: bytes | None = Field(None, description="Source of `given.py`, importable by student code.")
    references: dict[Id, bytes] = Field(
        description="Question id → source of its reference file; {} for pure prose."
    )
    guides: dict[Id, str] = Field(description="Part id → markers' guide, for parts with prose.")

    @property
    def id(self) -> str:
        """The exam's id, such as `snu_2021_midterm`."""
        return self.header.exam

    @property
    def part_ids(self) -> tuple[str, ...]:
        """Every id of the exam, in the order of the paper."""
        return tuple(part for question in self.questions for part in question.parts)
