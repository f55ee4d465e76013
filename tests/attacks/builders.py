"""Builds the hostile submissions that git cannot hold: links, pipes, devices, zips, names, encodings."""

from __future__ import annotations

import inspect
import io
import os
import socket
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.attacks import prize

RIGHT = (inspect.getsource(prize.prize).replace("list[Any]", "list") + "\n\nw = prize()\n").encode()
WRONG = b"w = [[[[7.0] * 3] * 3] * 3] * 6\n"
STRANGER = 54_321
"""A user id that nobody has."""


def symbolic_links(place: Path, secret: Path, _: str) -> None:
    """A link to a secret for q1.py, one to the folder above for a folder of helpers."""
    place.mkdir()
    (place / "q1.py").symlink_to(secret)
    (place / "helpers").symlink_to("..")


def linked_folder(place: Path, secret: Path, _: str) -> None:
    """The whole submission is a link to a folder with a right answer."""
    elsewhere = secret.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "q1.py").write_bytes(RIGHT)
    place.symlink_to(elsewhere)


def hard_link(place: Path, secret: Path, _: str) -> None:
    """A second name for root's file with the right answer, in a folder of the student's own."""
    target = secret.parent / "of_a_stranger.py"
    target.write_bytes(RIGHT)
    place.mkdir()
    os.link(target, place / "q1.py")
    os.chown(place, STRANGER, STRANGER)


def zipped_link(place: Path, secret: Path, _: str) -> None:
    """A zip whose q1.py is a symbolic link."""
    entry = zipfile.ZipInfo("q1.py")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    _write_zip(place, [(entry, str(secret).encode())])


def zip_slip(place: Path, secret: Path, text: str) -> None:
    """A zip with one name that leads out of it."""
    _write_zip(place, [(zipfile.ZipInfo(_literal(text)), RIGHT)])


def zip_bomb(place: Path, secret: Path, text: str) -> None:
    """A zip that lies about its size or unpacks to far more than it is."""
    place.with_name(place.name + ".zip").write_bytes(_BOMBS[text]())


def special_file(place: Path, secret: Path, text: str) -> None:
    """A q1.py that is no file."""
    place.mkdir()
    path = place / "q1.py"
    if text == "pipe":
        os.mkfifo(path)
    elif text == "folder":
        path.mkdir()
    elif text == "socket":
        here = os.open(place, os.O_PATH)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(f"/proc/self/fd/{here}/q1.py")  # the whole path is too long for a socket's name
        os.close(here)
    else:
        kind, number = _DEVICES[text]
        os.mknod(path, 0o666 | kind, number)


def named(place: Path, secret: Path, text: str) -> None:
    """A folder with a name to be careful with; `wrong` in the text makes its answer a wrong one."""
    name = _literal(text.removesuffix(" wrong"))
    folder = place.with_name(name)
    folder.mkdir()
    content = WRONG if text.endswith(" wrong") else RIGHT
    (folder / "q1.py").write_bytes(content + f"# {place.name}\n".encode())


def file_names(place: Path, secret: Path, _: str) -> None:
    """A right q1.py among files whose names steer terminals, collide, or are not UTF-8."""
    place.mkdir()
    (place / "q1.py").write_bytes(RIGHT)
    names = [
        "a\nb.py",
        "\x1b[2J.py",
        "\u202eyp.1q.py",
        "=cmd.py",
        "n" * 252 + ".py",
        "\udcff.py",
        r"\xff.py",
        " .py",
    ]
    for name in (*names, "Q1.py", "--help.py", "a'b\"c.py", ".py", "q1.py ", "q1.PY.txt", "q1 (1).py"):
        (place / name).write_bytes(WRONG)


def zip_names(place: Path, secret: Path, text: str) -> None:
    """A zip with a name that ends early, is endless, or is there twice."""
    entries = {
        "zero": [("q1.py\0.txt", RIGHT)],
        "endless": [("x" * 60_000 + ".py", RIGHT)],
        "twice": [("q1.py", RIGHT), ("q1.py", WRONG)],
        "cases": [("Q1.PY", WRONG), ("q1.py", RIGHT)],
    }[text]
    data = _zip_bytes([(zipfile.ZipInfo(name.replace("\0", "\1")), content) for name, content in entries])
    place.with_name(place.name + ".zip").write_bytes(data.replace(b"q1.py\1", b"q1.py\0"))


def shadowing(place: Path, secret: Path, _: str) -> None:
    """A right answer among files that want to be imported in the place of something else."""
    place.mkdir()
    (place / "q1.py").write_bytes(b"import json\nimport numpy\nimport torch\n\nnumpy.zeros(1)\n" + RIGHT)
    hooks = ("sitecustomize", "usercustomize", "conftest", "__init__", "__main__", "setup", "prize", "q4")
    for name in ("numpy", "torch", "json", "os", "builtins", "typing", "grader", *hooks):
        (place / f"{name}.py").write_bytes(b"raise SystemExit('imported')\n")
    for folder in ("torch", "numpy", "grader/guest"):
        (place / folder).mkdir(parents=True)
        (place / folder / "__init__.py").write_bytes(b"raise SystemExit('imported')\n")
    (place / "evil.pth").write_text("import os; os._exit(0)\n")
    (place / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p evil'\n")


def notebook(place: Path, secret: Path, _: str) -> None:
    """A notebook whose outputs say that all is well."""
    place.mkdir()
    (place / "q1.ipynb").write_text(
        '{"cells": [{"cell_type": "code", "source": ["!touch grader_attack_mark\\n", "%load_ext evil\\n"],'
        ' "outputs": [{"output_type": "stream", "text": ["PASSED"]}]}], "nbformat": 4}'
    )


def encoded(place: Path, secret: Path, text: str) -> None:
    """A q1.py in the bytes of the text, where SOURCE is a right answer."""
    place.mkdir()
    (place / "q1.py").write_bytes(eval(text, {"SOURCE": RIGHT}))


def source_bomb(place: Path, secret: Path, text: str) -> None:
    """A q1.py that is hard to parse."""
    place.mkdir()
    (place / "q1.py").write_text(_literal(text))


def weight_file(place: Path, secret: Path, _: str) -> None:
    """A pickle beside q1.py that touches a file when it is loaded."""
    place.mkdir(exist_ok=True)
    (place / "model.pt").write_bytes(b"cos\nsystem\n(S'touch grader_attack_mark'\ntR.")


def replaced(place: Path, secret: Path, _: str) -> None:
    """A wrong q1.py, replaced by a right one once it is read (AFTER_READING)."""
    place.mkdir()
    (place / "q1.py").write_bytes(WRONG)


def _replace(place: Path) -> None:
    fresh = place / "fresh"
    fresh.write_bytes(RIGHT)
    fresh.replace(place / "q1.py")


def _literal(text: str) -> str:
    value = eval(text)
    assert isinstance(value, str)
    return value


def _write_zip(place: Path, entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
    place.with_name(place.name + ".zip").write_bytes(_zip_bytes(entries))


def _zip_bytes(entries: list[tuple[zipfile.ZipInfo, bytes]], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that is there twice is what is wanted
        for entry, content in entries:
            archive.writestr(entry, content, compress_type=how)
    return buffer.getvalue()


def _one(content: bytes, how: int = zipfile.ZIP_DEFLATED, name: str = "q1.py") -> bytes:
    return _zip_bytes([(zipfile.ZipInfo(name), content)], how)


def _with_size(size: int, content: bytes) -> bytes:
    """A zip that says of its one file that it has `size` bytes, in both of its headers."""
    data = bytearray(_one(content))
    central = data.index(b"PK\1\2")
    data[22:26] = data[central + 24 : central + 28] = struct.pack("<I", size)
    return bytes(data)


def _many_entries() -> bytes:
    """150,000 directory records for one file of no bytes."""
    one = _one(b"", name="a.py")
    start = one.index(b"PK\1\2")
    record, end = one[start : one.index(b"PK\5\6")], bytearray(one[one.index(b"PK\5\6") :])
    count = 150_000
    end[8:12] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    end[12:16] = struct.pack("<I", count * len(record))
    return one[:start] + record * count + bytes(end)


def _many_large() -> bytes:
    """3,000 files of 999 kB that pack to nothing."""
    content = bytes(999_000)
    return _zip_bytes([(zipfile.ZipInfo(f"h{number:04}.py"), content) for number in range(150)])


def _overlapping() -> bytes:
    """5,000 directory records, each with a name of its own, that share one file of 999 kB."""
    one = _one(bytes(999_000), name="h0000.py")
    start = one.index(b"PK\1\2")
    record, end = one[start : one.index(b"PK\5\6")], bytearray(one[one.index(b"PK\5\6") :])
    records = b"".join(record.replace(b"h0000", b"h%04d" % number) for number in range(5000))
    end[8:12] = struct.pack("<HH", 5000, 5000)
    end[12:16] = struct.pack("<I", len(records))
    local = one[:start]
    return local + records + bytes(end)


def _dictionary() -> bytes:
    """An LZMA file that asks for a dictionary of 4 GB."""
    data = bytearray(_one(RIGHT, zipfile.ZIP_LZMA))
    properties = 30 + len("q1.py") + 4
    data[properties + 1 : properties + 5] = b"\xff\xff\xff\xff"
    return bytes(data)


def _locked() -> bytes:
    data = bytearray(_one(RIGHT))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


_BOMBS: dict[str, Callable[[], bytes]] = {
    "ratio": lambda: _one(bytes(18_000_000)),
    "nested": lambda: _one(_one(RIGHT), name="q1.zip"),
    "small_size": lambda: _with_size(10, RIGHT),
    "large_size": lambda: _with_size(900_000, WRONG),
    "many_entries": _many_entries,
    "many_large": _many_large,
    "overlapping": _overlapping,
    "dictionary": _dictionary,
    "locked": _locked,
    "truncated": lambda: _one(RIGHT)[:-30],
}
_DEVICES = {
    "zero": (stat.S_IFCHR, os.makedev(1, 5)),
    "disk": (stat.S_IFBLK, os.makedev(7, 200)),
    "missing_driver": (stat.S_IFCHR, os.makedev(200, 200)),
}
BUILDERS: dict[str, Callable[[Path, Path, str], None]] = {
    build.__name__: build
    for build in (
        symbolic_links, linked_folder, hard_link, zipped_link, zip_slip, zip_bomb, special_file, named, file_names,
        zip_names, shadowing, notebook, encoded, source_bomb, weight_file, replaced,
    )
}  # fmt: skip
AFTER_READING: dict[str, Callable[[Path], None]] = {"replaced": _replace}
