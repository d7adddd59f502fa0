"""A class's submissions: taken, compiled, run and judged in boxes, and told of (docs/grading.md)."""
