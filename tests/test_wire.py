"""The wire: what the host sends arrives as it was, what a child claims is checked before it is believed."""

import json
import random
import struct

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.guest import protocol
from grader.guest.protocol import FrameReader, ProtocolError
from grader.guest.values import BadValue, Decoder, Encoder
from grader.models.value import Array
from grader.probing.replies import parse_reply
from grader.probing.wire import FrameValues, FrameWriter

ARRAYS = hnp.arrays(
    dtype=st.sampled_from(["float64", "float32", "int64", "bool", "complex128"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


def received(value):
    """What the host makes of an object of the student's."""
    encoder = Encoder(value)
    (frame,) = _frames(protocol.pack({"kind": "returned", "value": encoder.tree}, encoder.body))
    values = FrameValues(frame[1])
    result = values.value(frame[0]["value"])
    values.finish()
    return result


def _frames(data):
    reader = FrameReader()
    reader.feed(data)
    found = []
    while (frame := reader.take()) is not None:
        found.append(frame)
    return found


@given(ARRAYS)
def test_arrays_come_back_bit_for_bit(array):
    result = received(array)
    assert result.dtype == array.dtype.name
    assert result.data.shape == array.shape
    assert result.data.tobytes() == array.tobytes()


@given(
    st.recursive(LEAVES, lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8)
)
def test_plain_objects_come_back_equal(value):
    assert repr(received(value)) == repr(value)


@given(ARRAYS.filter(lambda a: a.dtype == np.float64))
def test_inputs_reach_the_student_as_float64_tensors(array):
    writer = FrameWriter()
    tree = writer.tree(Array(array, "float64"))
    ((_, body),) = _frames(writer.frame("call"))
    result = Decoder(body, library="torch", given=None).decode(tree)
    assert result.dtype == torch.float64
    assert result.numpy().tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("value", "shape", "dtype"),
    [
        ([[1, 2.5], [3, 4]], (2, 2), "float64"),
        ([[1, 2], [3, 4]], (2, 2), "int64"),
        ((True, False), (2,), "bool"),
        ([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]], (2, 3, 1), "float64"),
        (torch.ones(2, 3).t(), (3, 2), "float32"),
        (torch.nn.Parameter(torch.ones(2)), (2,), "float32"),
        (torch.tensor(1.5, dtype=torch.bfloat16), (), "bfloat16"),
        (np.float32(2), (), "float32"),
        (np.ones(2, dtype=">f8"), (2,), "float64"),
        (np.ones(2, dtype=np.longdouble), (2,), "float64"),
        (np.array([[1, 2.5]], dtype=object), (1, 2), "float64"),
        ((float(i) for i in range(3)), (3,), "float64"),
    ],
    ids=[
        "mixed list",
        "integers",
        "booleans",
        "three axes",
        "transposed",
        "parameter",
        "bfloat16",
        "numpy scalar",
        "big-endian",
        "long double",
        "objects",
        "generator",
    ],
)
def test_usual_answers_become_arrays(value, shape, dtype):
    result = received(value)
    assert (result.data.shape, result.dtype) == (shape, dtype)


def test_bfloat16_is_widened_exactly():
    assert received(torch.tensor([1.5, -3.0], dtype=torch.bfloat16)).data.tolist() == [1.5, -3.0]


class Liar(torch.Tensor):
    """A tensor of the student's own kind."""


def endless():
    endless = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (torch.zeros(1).expand(10**12), "too large"),
        (np.broadcast_to(np.float64(1), (10**6, 10**6)), "too large"),
        (torch.empty(3, device="meta"), "meta"),
        (torch.eye(3).to_sparse(), "layout"),
        (torch.zeros(2).as_subclass(Liar), "Liar"),
        (np.array([object()], dtype=object), "type object"),
        (np.broadcast_to(np.array(None), 10**12), "objects"),
        (np.ma.masked_array([1.0]), "MaskedArray"),
        (10**5000, "bits"),
        (lambda: 0, "function"),
        (torch.nn.Linear(2, 2), "Linear"),
        ({1: 2}, "keys"),
        (endless(), "deep"),
        ([None] * 30_000, "items"),
        ("x" * 100_000, "characters"),
        ((i for i in iter(int, 1)), "one by one"),
        (range(10**12), "one by one"),
        ({1, 2}, "set"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_what_cannot_be_an_answer_is_refused_by_name(value, why):
    with pytest.raises(BadValue, match=why):
        Encoder(value)


def _array(dtype="float64", shape=(2,), origin="tensor"):
    return {"array": [dtype, list(shape), origin]}


@pytest.mark.parametrize(
    ("tree", "body"),
    [
        (_array(shape=(3,)), bytes(16)),
        (_array(shape=(1,)), bytes(16)),
        (_array(shape=(-2,)), bytes(16)),
        (_array(shape=(2.0,)), bytes(16)),
        (_array(shape=(True, 2)), bytes(16)),
        (_array(shape=(2**40, 2**40)), b""),
        (_array(shape=(0, 2**60)), b""),
        (_array(shape=[1] * 40), bytes(8)),
        (_array(dtype="object"), bytes(16)),
        (_array(dtype=["float64"]), bytes(16)),
        (_array(origin=[]), bytes(16)),
        ({"int": "9" * 5000}, b""),
        ({"int": "١٢x"}, b""),
        ({"float": "1"}, b"left over"),
        ({"float": "0x1p+99999"}, b""),
        ({"dict": [["a", None], ["a", None]]}, b""),
        ({"dict": [["a"]]}, b""),
        ({"list": {}}, b""),
        ({"pickle": "gASVC"}, b""),
        ({"int": "1", "str": "x"}, b""),
        (3, b""),
        ("text", b""),
    ],
)
def test_dishonest_trees_are_refused(tree, body):
    values = FrameValues(body)
    with pytest.raises(ProtocolError):
        values.value(tree)
        values.finish()


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{}",
        b'{"kind":1}',
        b'{"kind":"a","kind":"b"}',
        b'{"kind":"a","x":NaN}',
        b"\xff",
        b"{" * 100_000,
    ],
    ids=["list", "no kind", "kind number", "twice", "nan", "bytes", "deep"],
)
def test_dishonest_headers_are_refused(header):
    reader = FrameReader()
    reader.feed(protocol.PREFIX.pack(len(header), 0) + header)
    with pytest.raises(ProtocolError):
        reader.take()


def test_a_huge_frame_is_refused_by_its_announcement():
    with pytest.raises(ProtocolError):
        FrameReader().feed(struct.pack("!IQ", 4, 2**40))


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_random_bytes_are_frames_or_protocol_errors(data):
    reader = FrameReader()
    try:
        reader.feed(data)
        while (frame := reader.take()) is not None:
            parse_reply(frame[0])
    except ProtocolError:
        pass


def test_damaged_answers_are_values_or_protocol_errors():
    rng = random.Random(5)
    encoder = Encoder({"x": torch.ones(2, 3), "y": [1, "a", (2.5, None)]})
    good = json.dumps({"kind": "returned", "value": encoder.tree}).encode()
    for _ in range(2000):
        damaged = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            reply = parse_reply(protocol.parse_header(bytes(damaged)))
            FrameValues(b"".join(encoder.body)).value(getattr(reply, "value", None))
        except ProtocolError:
            pass
