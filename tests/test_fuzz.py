"""Thousands of damaged frames, rubrics and submissions: each is a verdict or a located error, never a traceback."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import re

import torch

from grader.errors import RubricError
from grader.guest import protocol
from grader.guest.protocol import FrameReader, ProtocolError
from grader.guest.values import Encoder
from grader.marking import mark
from grader.models.result import Status
from grader.models.rubric import Limits
from grader.probing.observe import observe_submission
from grader.probing.replies import parse_reply
from grader.probing.wire import FrameValues
from grader.rubric.rubric_file import load_exam
from tests.conftest import shipped_exam
from tests.small_exam import ANSWERS, RIGHT, SHIPPED, submission, write_exam

FRAMES = 10_000
RUBRICS = 2_000
SUBMISSIONS = int(os.environ.get("GRADER_FUZZ_SUBMISSIONS", "200"))
"""2,000 take some minutes; the environment variable asks for them."""

LIMITS = Limits(call_s=2.0, job_s=4.0, memory_mb=512)
VERDICTS = set(Status) - {Status.INTERNAL_ERROR}
LOCATED = re.compile(r"[^\n]*?\.(?:yaml|py|md):\d+:\d+: [^\n]+ — [^\n]+")

REPLIES = (
    {"kind": "scanned", "findings": [["q1.1", "a loop", 3]]},
    {"kind": "loaded", "spoils": False},
    {"kind": "raised", "type": "ValueError", "message": "no", "line": 2, "trace": [["q1.py", 2, "f()"]]},
    {"kind": "missing", "similar": ["w"]},
    {"kind": "bad_value", "message": "a generator"},
    {"kind": "refused", "what": ["autograd"], "line": 4},
    {"kind": "built", "parameters": [["a.weight", [3, 4], True], ["b", [], False]]},
)
NASTY_BYTES = (b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"9" * 400, b"NaN", b"1e999", b"\xe2\x80\xae")
NASTY_YAML = (
    b"&a ", b"*a", b"!!python/object:os.system ", b"{", b"]", b": ", b"- ", b"\t", b"no", b"1e-3", b"0x1F", b"|\n",
    b"null", b"<<: ", b"---\n", b"\x00", b"\xff", b"'", b'"', b"-1", b".inf", b"[" * 300, b"\xe2\x80\xa8", b"? ",
)  # fmt: skip
NASTY_PYTHON = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x0c", b"(" * 300, b"# coding: rot13\n", b"while 1: pass\n", b"raise ",
    b"import os; os._exit(0)\n", b"del ", b"1/0\n", b"async ", b"\\", b"'''", b"w = None\n", b"9**9**9\n", b"lambda: ",
)  # fmt: skip


def damaged(text: bytes, rng: random.Random, nasty: tuple[bytes, ...]) -> bytes:
    """Return the text with a few bytes changed, dropped, doubled or put in."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((1, 1, 3, 20)))
        put_in = (bytes([rng.randrange(256)]), b"", text[start:end] * 2, rng.choice(nasty))
        text = text[:start] + rng.choice(put_in) + text[end:]
    return text


def answer_frames() -> list[bytes]:
    """Frames of every kind that a child sends."""
    encoder = Encoder({"x": torch.ones(2, 3), "y": [1, "a", (2.5, None, True)], "z": torch.arange(4)})
    returned = protocol.pack({"kind": "returned", "value": encoder.tree}, encoder.body)
    return [returned, *(protocol.pack(reply) for reply in REPLIES)]


def read_all(data: bytes, rng: random.Random) -> int:
    """Read frames as the host does, in chunks of any size; return how many there were. Raises ProtocolError."""
    reader = FrameReader()
    count = 0
    while data:
        cut = rng.randint(1, len(data))
        reader.feed(data[:cut])
        data = data[cut:]
        while (frame := reader.take()) is not None:
            reply = parse_reply(frame[0])
            values = FrameValues(frame[1])
            values.value(getattr(reply, "value", None))
            values.finish()
            count += 1
    return count


def test_sound_frames_are_read_whole():
    assert read_all(b"".join(answer_frames()), random.Random(1)) == 8


def test_damaged_frames_are_answers_or_protocol_errors():
    rng = random.Random(11)
    frames = answer_frames()
    refused = 0
    for _ in range(FRAMES):
        frame = damaged(rng.choice(frames), rng, NASTY_BYTES)
        if (
            rng.random() < 0.5 and len(frame) > protocol.PREFIX.size
        ):  # as long as it says, but for the content
            body = min(frame.count(b"\x00"), len(frame) - protocol.PREFIX.size)
            head = len(frame) - protocol.PREFIX.size - body
            frame = protocol.PREFIX.pack(head, body) + frame[protocol.PREFIX.size :]
        try:
            read_all(frame, rng)
        except ProtocolError:
            refused += 1
    assert FRAMES * 0.3 < refused < FRAMES


def test_random_json_is_an_answer_or_a_protocol_error():
    rng = random.Random(12)
    words = [
        "kind",
        "returned",
        "value",
        "array",
        "float64",
        "list",
        "int",
        "1",
        "float",
        "0x1p+1",
        "dict",
        "tensor",
    ]
    for _ in range(FRAMES // 5):
        header = {"kind": "returned", "value": random_tree(rng, words, 4)}
        text = json.dumps(header).encode()
        try:
            read_all(protocol.PREFIX.pack(len(text), 8) + text + bytes(8), rng)
        except ProtocolError:
            continue


def random_tree(rng: random.Random, words: list[str], depth: int) -> object:
    """Return JSON that looks like a value's tree now and then."""
    leaves = (None, True, 0, -1, 1e300, 2**70, rng.choice(words), [rng.choice(words), [1], "tensor"])
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(leaves)
    if rng.random() < 0.5:
        return [random_tree(rng, words, depth - 1) for _ in range(rng.randint(0, 3))]
    return {rng.choice(words): random_tree(rng, words, depth - 1) for _ in range(rng.randint(0, 2))}


def test_damaged_rubrics_load_or_are_located_errors(tmp_path):
    rng = random.Random(13)
    exam_folder = write_exam(tmp_path, "q1", "q4")
    load_exam(exam_folder, reference_root=tmp_path / "reference")  # sound as it is
    sound = {path: path.read_bytes() for path in sorted(exam_folder.glob("*.yaml"))}
    problems = []
    for _ in range(RUBRICS):
        path = rng.choice(list(sound))
        path.write_bytes(damaged(sound[path], rng, NASTY_YAML))
        try:
            load_exam(exam_folder, reference_root=tmp_path / "reference")
        except RubricError as error:
            problems += str(error).split("\n")
        path.write_bytes(sound[path])
    assert len(problems) > RUBRICS / 2
    assert [line for line in problems if not LOCATED.fullmatch(line)] == []


def test_damaged_submissions_get_verdicts(server, plans):
    rng = random.Random(14)
    questions = {q.question: q for q in shipped_exam(SHIPPED).questions if q.question in ("q1", "q3")}
    hurried = [dataclasses.replace(plans(SHIPPED, question), limits=LIMITS) for question in questions]
    forms = {question: sorted(ANSWERS.glob(f"*/{question}/*.py")) for question in questions}
    seen = set()
    for number in range(SUBMISSIONS):
        contents = {
            q: damaged(rng.choice(paths).read_bytes(), rng, NASTY_PYTHON) for q, paths in forms.items()
        }
        fuzzed = submission(f"student_{number}", contents)
        observed = observe_submission(server, hurried, fuzzed)
        for plan in hurried:
            result = mark(plan, questions[plan.question], fuzzed, observed[plan.question])
            seen |= {check.status for part in result.parts for check in part.checks}
    assert seen <= VERDICTS
    assert {Status.PASSED, Status.FAILED, Status.ERROR} <= seen
    beside = submission("beside", {"q1": RIGHT["q1"]})
    result = mark(hurried[0], questions["q1"], beside, observe_submission(server, hurried[:1], beside)["q1"])
    assert result.parts[0].points == 10.0
