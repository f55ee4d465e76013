"""Marks deep-learning exams: student Python in, marks and reasons out."""

__version__ = "0.1.0"
