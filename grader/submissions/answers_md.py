"""Cut `answers.md` into sections and find the part that each belongs to, however the heading spells it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from pydantic import Field

from grader.models.base import Model

MAX_HEADING = 200
MAX_PROBLEMS = 5
_HEADING = re.compile(r"^ {0,3}#{1,6}(?=.*[^\s#])")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})\s*$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_BARE = re.compile(
    r"^\W*(?:q|question|problem|exercise)\W{0,2}\d+\W{0,2}(?:[a-h]|[ivx]+|\d+)?(?:\.\d+)?[\W_]*$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[a-z]+|\d+")
_QUESTION = re.compile(
    r"^\W*(?:(?:my |the )?(?:answers?|solutions?)\W+(?:(?:to|for|of)\W+)?)?"
    r"(?P<word>q|qn|question|problem|exercise|ex)?[\W_]*(?P<number>\d+)(?P<rest>.*)$"
)
_SUB_ID = re.compile(r"^(?:[a-h]|[ivx]+|\d+)$")
_SUB_HEADING = re.compile(r"^\W*(?:part\W+)?(?P<id>[a-h]|[ivx]+|\d+)(?:\W*$|\s*[).:\]\u2013\u2014-])")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PLACEHOLDER = re.compile(
    r"(?:(?:write|put|type|enter|add) )?(?:your|my|the) (?:answer|text|proof|argument|explanation)"
    r"(?: goes)?(?: here)?"
    r"|answer(?: goes)? here|answer|todo|tbd|fixme|tk"
)


class Answers(Model):
    """Part id → the student's text, untouched placeholders left out; a sentence for what has no place."""

    prose: dict[str, str] = Field(default={})
    problems: tuple[str, ...] = Field(default=())


def read_answers(content: bytes, part_ids: Collection[str], prose_ids: Collection[str]) -> Answers:
    """Read a student's `answers.md`.

    A heading names a part in any spelling (`## q7 iii`, `# Question 7 (iii): why`, `**Q7.iii**`). A heading
    that names a question only belongs to the question's one prose part; below it, a heading `iii` alone is
    enough. Headings of the student's own stay in the text. `prose_ids` are the parts that ask for prose.
    """
    text, problems = _decode(content)
    lines = tuple(_lines(text))
    finder = _PartFinder(part_ids, prose_ids, [heading for heading, _ in lines if heading is not None])
    sections: dict[str, list[str]] = {}
    lost: list[str] = []
    target = lost
    for heading, line in lines:
        place = None if heading is None else finder.place(heading)
        if place is None:
            target.append(line)
        else:
            target = sections.setdefault(place, []) if place else lost
    problems += list(dict.fromkeys(finder.problems))[:MAX_PROBLEMS]
    if not is_blank("\n".join(lost)) and not (finder.problems or sections):
        problems.append(
            "answers.md has no heading that names a question (such as `## q2`); its text belongs nowhere."
        )
    prose = {
        part: "\n".join(lines).strip() for part, lines in sections.items() if not is_blank("\n".join(lines))
    }
    return Answers(prose={part: prose[part] for part in part_ids if part in prose}, problems=tuple(problems))


def is_blank(text: str) -> bool:
    """True if a section holds no answer: nothing, headings only, a comment, or an untouched placeholder."""
    kept = [
        line
        for line in _COMMENT.sub("", text).splitlines()
        if len(line) > MAX_HEADING or not _HEADING.match(line)
    ]
    words = " ".join(re.sub(r"[\W_]+", " ", line) for line in kept).lower().split()
    if not words:
        # Without a letter or a digit only signs such as ≠ may answer; dots and empty bullets do not.
        return not any(
            unicodedata.category(char) == "Sm" for line in kept for char in line if char not in "|~<>"
        )
    return _PLACEHOLDER.fullmatch(" ".join(words)) is not None


def _decode(content: bytes) -> tuple[str, list[str]]:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding), []
    except UnicodeDecodeError:
        problem = (
            "answers.md is not UTF-8 text; letters that cannot be read show as \N{REPLACEMENT CHARACTER}."
        )
        return content.decode(encoding, "replace"), [problem]


def _lines(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield (heading text or None, line); what stands in a fenced block is never a heading."""
    lines = text.splitlines()
    fence = ""
    skip = False
    for number, line in enumerate(lines):
        if skip:
            skip = False
            continue
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1][:3]
        if fence or mark:
            yield None, line
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        # Longer lines are text: the patterns below take quadratic time, and the student chose the length.
        is_short = len(line) <= MAX_HEADING
        if is_short and _HEADING.match(line):
            yield line.strip(" \t#"), line
        elif is_short and _BARE.match(line):
            skip = bool(_UNDERLINE.match(following))
            yield line, line
        elif is_short and line.strip() and _UNDERLINE.match(following) and _has_question_word(line):
            skip = True
            yield line, line
        else:
            yield None, line


def _words(text: str) -> tuple[str, ...]:
    """Split `Question 7.(iii)` into ("q", "7", "iii"): numbers stay whole, so that q1.1 and q11 differ."""
    text = unicodedata.normalize("NFKC", text).lower()
    if found := _QUESTION.match(text):
        return ("q", found["number"], *_WORDS.findall(found["rest"]))
    return tuple(_WORDS.findall(text))


def _heading_of(part: str) -> str:
    """Return a part as exam papers write it: `q7 iii`, `q1.1`."""
    return re.sub(r"(?<=\d)(?=[a-z])", " ", part)


def _has_question_word(heading: str) -> bool:
    found = _QUESTION.match(unicodedata.normalize("NFKC", heading).lower())
    return found is not None and found["word"] is not None


class _PartFinder:
    """Finds the part that a heading names; remembers the question, for a heading `iii` below `q7`."""

    def __init__(
        self, part_ids: Collection[str], prose_ids: Collection[str], headings: Collection[str]
    ) -> None:
        self._parts = {_words(part): part for part in part_ids}
        self._prose = {_words(part): part for part in part_ids if part in set(prose_ids)}
        # `## 3. Induction` inside q2 is not question 3: bare numbers count only where nobody writes `q3`.
        self._needs_word = any(_has_question_word(heading) for heading in headings)
        self._question: tuple[str, ...] = ()
        self.problems: list[str] = []

    def place(self, heading: str) -> str | None:
        """Return the part, "" for a question that takes no prose, None for a heading of the student's own."""
        words = _words(heading)
        is_id = words[:1] == ("q",) and words[1:2] != () and words[1].isdigit()
        if is_id and (_has_question_word(heading) or not self._needs_word):
            self._question = words[:2]
            return self._longest(words) or self._only_prose(words, heading)
        sub_heading = _SUB_HEADING.match(unicodedata.normalize("NFKC", heading).lower())
        if sub_heading and self._question:
            return self._parts.get((*self._question, sub_heading["id"]))
        return None if is_id else self._longest(words)

    def _longest(self, words: tuple[str, ...]) -> str | None:
        for length in range(len(words), 0, -1):
            if words[:length] in self._parts:
                return self._parts[words[:length]]
        return None

    def _only_prose(self, words: tuple[str, ...], heading: str) -> str:
        parts = [part for key, part in self._parts.items() if key[:2] == words[:2]]
        prose = [part for key, part in self._prose.items() if key[:2] == words[:2]]
        has_sub_id = len(words) > 2 and _SUB_ID.match(words[2]) is not None
        if len(prose) == 1 and not has_sub_id:
            return prose[0]
        shown = f"answers.md: the heading {heading.strip()!r}"
        if not parts:
            self.problems.append(f"{shown} names no question of this exam.")
        elif has_sub_id or prose:
            fitting = " or ".join(f"`## {_heading_of(part)}`" for part in prose or parts)
            self.problems.append(f"{shown} fits no part of its question; write {fitting}.")
        return ""
