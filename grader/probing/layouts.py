"""Which of a student's parameters holds which of the reference's weights: every plausible way, the
likeliest first. Pure.

A reference declares its weights by named axes (`w1: branch=32 out=4 in=256`). A student may hold a weight whole, or one
slice of its first axis per parameter if that axis is named `branch` (one convolution a branch), its axes
in any order, neighbours merged, size-1 axes
anywhere. Nothing here looks at names: shapes leave few possibilities, the order of registration and the flow of data
through the module (`upstream`) put same-shaped parameters in their places, and the caller tries what is left.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np

from grader.models.weights import WeightSpec

MAX_CANDIDATES = 96
STACK_AXIS = "branch"
_CACHED = 4096

T = TypeVar("T")
_Fits = Callable[[tuple[int, ...], tuple[int, ...]], bool]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a student's module, as it describes itself."""

    name: str
    shape: tuple[int, ...]
    is_registered: bool = True
    upstream: frozenset[int] | None = None


@dataclass(frozen=True)
class Slot:
    """Where one parameter's numbers come from: a weight, whole (`index` None) or one slice of its first
    axis, axes permuted."""

    weight: str
    index: int | None
    permutation: tuple[int, ...]


@dataclass(frozen=True)
class Assignment:
    """A full layout: one slot a parameter, by position; None for a parameter that the module does not use."""

    slots: tuple[Slot | None, ...]

    def values(
        self, parameters: Sequence[Parameter], weights: dict[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Return the array to load into each parameter, in the parameter's own shape."""
        return {
            parameter.name: _block(weights[slot.weight], slot.index)
            .transpose(slot.permutation)
            .reshape(parameter.shape)
            for parameter, slot in zip(parameters, self.slots, strict=True)
            if slot is not None
        }

    def gather(
        self, parameters: Sequence[Parameter], values: dict[str, np.ndarray], specs: Sequence[WeightSpec]
    ) -> dict[str, np.ndarray]:
        """Return arrays in the shapes of the reference's weights, put together from one array a parameter
        (`values`)."""
        gathered = {spec.name: np.zeros(spec.shape) for spec in specs}
        for parameter, slot in zip(parameters, self.slots, strict=True):
            if slot is not None:
                block = _block(gathered[slot.weight], slot.index)
                permuted = tuple(block.shape[axis] for axis in slot.permutation)
                block[...] = values[parameter.name].reshape(permuted).transpose(np.argsort(slot.permutation))
        return gathered

    def describe(self, parameters: Sequence[Parameter]) -> str:
        """Say in one line which parameter holds what."""
        held: dict[str, list[str]] = defaultdict(list)
        for parameter, slot in zip(parameters, self.slots, strict=True):
            if slot is not None:
                held[slot.weight].append(parameter.name)
        return "; ".join(
            f"{weight} ← {names[0]}"
            if len(names) == 1
            else f"{weight} ← {names[0]} … {names[-1]} ({len(names)})"
            for weight, names in held.items()
        )


def assignments(parameters: Sequence[Parameter], specs: Sequence[WeightSpec]) -> Iterator[Assignment]:
    """Yield the plausible layouts, at most MAX_CANDIDATES, without repetition. Parameters known to be
    unused are left out."""
    seen: set[tuple[Slot | None, ...]] = set()
    placements = list(dict.fromkeys(_placements(parameters, specs)))
    likely = [placed for placed in placements if _follows_data(placed, parameters)]
    for group in (likely, [placed for placed in placements if placed not in likely]):
        for slots in _in_turn([_orientations(parameters, specs, placed) for placed in group]):
            if slots not in seen:
                seen.add(slots)
                yield Assignment(slots)
            if len(seen) >= MAX_CANDIDATES:
                return


class _Place(NamedTuple):
    """A weight, whole or one slice, before the order of its axes is settled."""

    weight: int
    branch: int | None


def _placements(
    parameters: Sequence[Parameter], specs: Sequence[WeightSpec]
) -> Iterator[tuple[_Place | None, ...]]:
    """Yield for each parameter the weight that it may hold, by several orders of the parameters."""
    for fits in (_fits_as_written, _fits_permuted):
        by_shape = {shape: _kinds(shape, specs, fits) for shape in {p.shape for p in parameters}}
        kinds = [by_shape[parameter.shape] for parameter in parameters]
        for order in _orders(parameters, kinds):
            for is_by_branch in (True, False):
                placed = _fill(order, kinds, specs, is_by_branch=is_by_branch)
                if placed is not None:
                    yield placed


def _follows_data(placed: tuple[_Place | None, ...], parameters: Sequence[Parameter]) -> bool:
    """Tell whether weights that data meets later are held by parameters that data meets later, within each branch."""
    for parameter, place in zip(parameters, placed, strict=True):
        for i in parameter.upstream or ():
            if place is not None and _is_out_of_order(placed[i], place):
                return False
    return True


def _is_out_of_order(earlier: _Place | None, later: _Place) -> bool:
    if earlier is None or earlier.weight < later.weight:
        return False
    return earlier.branch is None or later.branch is None or earlier.branch == later.branch


def _in_turn(sources: Sequence[Iterator[T]]) -> Iterator[T]:
    """Yield the first of each source, then the second of each, and so on."""
    waiting = deque(sources)
    while waiting:
        source = waiting.popleft()
        for item in islice(source, 1):
            yield item
            waiting.append(source)


def _kinds(shape: tuple[int, ...], specs: Sequence[WeightSpec], fits: _Fits) -> tuple[tuple[int, bool], ...]:
    """Return the weights that fit a parameter's shape: (weight, is a slice)."""
    found = []
    for i, spec in enumerate(specs):
        if fits(spec.shape, shape):
            found.append((i, False))
        if _is_stack(spec) and fits(spec.shape[1:], shape):
            found.append((i, True))
    return tuple(found)


def _is_stack(spec: WeightSpec) -> bool:
    """Tell whether the weight is a stack of branches' weights, which a module may keep apart."""
    return spec.axes[0].name == STACK_AXIS


@lru_cache(maxsize=_CACHED)
def _fits_as_written(sizes: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return _merges([size for size in sizes if size != 1], [length for length in shape if length != 1])


@lru_cache(maxsize=_CACHED)
def _fits_permuted(sizes: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return bool(_permutations(sizes, shape))


def _orders(
    parameters: Sequence[Parameter], kinds: Sequence[tuple[tuple[int, bool], ...]]
) -> Iterator[list[int]]:
    """Yield orders of the parameters: along the flow of data, branch after branch, where it is known; then
    as registered."""
    everything = list(range(len(parameters)))
    if any(parameter.upstream is not None for parameter in parameters):
        used = [i for i in everything if parameters[i].upstream is not None]
        sliced = [i for i in used if any(is_slice for _, is_slice in kinds[i])]
        rest = sorted(set(used) - set(sliced))
        branches = [i for branch in _components(sliced, parameters) for i in _along(branch, parameters)]
        yield [*_along(rest, parameters), *branches]
        yield used
    yield everything


def _components(members: Sequence[int], parameters: Sequence[Parameter]) -> list[list[int]]:
    """Group parameters that are upstream of one another; the groups in order of their first member."""
    leader = {i: i for i in members}

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    for i in members:
        for j in parameters[i].upstream or ():
            if j in leader:
                leader[find(i)] = find(j)
    groups: dict[int, list[int]] = defaultdict(list)
    for i in members:
        groups[find(i)].append(i)
    return sorted(groups.values(), key=min)


def _along(members: Iterable[int], parameters: Sequence[Parameter]) -> list[int]:
    """Sort parameters by how much lies upstream of them; ties as registered."""
    return sorted(members, key=lambda i: (len(parameters[i].upstream or ()), i))


def _fill(
    order: Sequence[int],
    kinds: Sequence[tuple[tuple[int, bool], ...]],
    specs: Sequence[WeightSpec],
    *,
    is_by_branch: bool,
) -> tuple[_Place | None, ...] | None:
    """Deal the parameters, in order, to the weights of their shape; None unless every weight is filled exactly.

    Among several weights of one shape, `is_by_branch` deals them in turn (b1, b2, b1, b2, …), else one after another.
    """
    places: list[_Place | None] = [None] * len(kinds)
    pools: dict[tuple[tuple[int, bool], ...], list[int]] = defaultdict(list)
    for i in order:
        if not kinds[i]:
            return None
        pools[kinds[i]].append(i)
    filled: list[int] = [0] * len(specs)
    for kind, members in sorted(pools.items(), key=lambda item: len(item[0])):
        slots = _deal(kind, len(members), specs, filled, is_by_branch=is_by_branch)
        if slots is None:
            return None
        for i, place in zip(members, slots, strict=True):
            places[i] = place
    if any(count != math.prod(spec.shape) for count, spec in zip(filled, specs, strict=True)):
        return None
    return tuple(places)


def _deal(
    kind: tuple[tuple[int, bool], ...],
    count: int,
    specs: Sequence[WeightSpec],
    filled: list[int],
    *,
    is_by_branch: bool,
) -> list[_Place] | None:
    """Return `count` places among the weights of this kind that are still empty; marks them as filled."""
    open_slots = [(w, is_slice) for w, is_slice in kind if not filled[w]]
    for subset_size in range(1, len(open_slots) + 1):
        for subset in itertools.combinations(open_slots, subset_size):
            needed = [specs[w].shape[0] if is_slice else 1 for w, is_slice in subset]
            if sum(needed) != count or len({w for w, _ in subset}) != subset_size:
                continue
            for w, _ in subset:
                filled[w] = math.prod(specs[w].shape)
            rows = [
                [_Place(w, j if is_slice else None) for j in range(n)]
                for (w, is_slice), n in zip(subset, needed, strict=True)
            ]
            if is_by_branch:
                return [row[j] for j in range(max(needed)) for row in rows if j < len(row)]
            return [place for row in rows for place in row]
    return None


def _orientations(
    parameters: Sequence[Parameter], specs: Sequence[WeightSpec], placed: tuple[_Place | None, ...]
) -> Iterator[tuple[Slot | None, ...]]:
    """Yield the ways to order the axes, same-shaped parameters of one weight alike, fewest surprises first."""
    groups: dict[tuple[int, bool, tuple[int, ...]], list[tuple[int, ...]]] = {}
    for parameter, place in zip(parameters, placed, strict=True):
        if place is not None:
            sizes = specs[place.weight].shape if place.branch is None else specs[place.weight].shape[1:]
            key = (place.weight, place.branch is None, parameter.shape)
            groups.setdefault(key, _permutations(sizes, parameter.shape))
    keys = list(groups)
    ranked = sorted(
        islice(itertools.product(*(range(len(groups[key])) for key in keys)), 4096),
        key=lambda choice: (sum(c > 0 for c in choice), sum(choice)),
    )
    for choice in ranked:
        chosen = {key: groups[key][c] for key, c in zip(keys, choice, strict=True)}
        yield tuple(
            None
            if place is None
            else Slot(
                specs[place.weight].name,
                place.branch,
                chosen[place.weight, place.branch is None, parameter.shape],
            )
            for parameter, place in zip(parameters, placed, strict=True)
        )


@lru_cache(maxsize=_CACHED)
def _permutations(sizes: tuple[int, ...], shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the orders of `sizes` that give `shape` when neighbours merge and size-1 axes come and go; as
    written first."""
    if math.prod(sizes) != math.prod(shape):
        return []
    target = [length for length in shape if length != 1]
    found, seen = [], set()
    for permutation in itertools.permutations(range(len(sizes))):
        meaning = tuple(axis for axis in permutation if sizes[axis] != 1)
        if meaning not in seen and _merges([sizes[axis] for axis in meaning], target):
            seen.add(meaning)
            found.append(permutation)
    return found


def _merges(sizes: Sequence[int], target: Sequence[int]) -> bool:
    """Tell whether neighbours of `sizes` multiply up to exactly `target`."""
    position, product = 0, 1
    for size in sizes:
        product *= size
        if position < len(target) and product == target[position]:
            position, product = position + 1, 1
    return position == len(target) and product == 1


def _block(weight: np.ndarray, index: int | None) -> np.ndarray:
    return weight if index is None else weight[index]
