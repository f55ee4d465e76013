"""Rubric files: YAML in, checked records out, and every problem of an exam in one run."""
