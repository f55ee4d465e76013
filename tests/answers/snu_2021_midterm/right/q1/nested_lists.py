"""Nested lists of whole numbers."""

O = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]  # noqa: E741
DOWN = [[0, 0, 0], [0, -1, 0], [0, 1, 0]]
RIGHT = [[0, 0, 0], [0, -1, 1], [0, 0, 0]]

w = [
    [DOWN, O, O],
    [RIGHT, O, O],
    [O, DOWN, O],
    [O, RIGHT, O],
    [O, O, DOWN],
    [O, O, RIGHT],
]
