"""Lectures: what tools/lecture does, one concern a module (docs/lectures/index.md)."""
