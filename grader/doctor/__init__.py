"""Proves the walls of the sandbox on this machine: canary attacks, negative controls, what a child costs."""
