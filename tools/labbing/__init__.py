"""Labs: what tools/lab does, one concern a module (docs/labs.md)."""
