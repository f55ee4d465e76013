"""Asking code in the sandbox and recording what it answers: students' files, and references."""
