"""Lab 0: a program made from a seed, whose faults are predicted and then found (docs/labs.md)."""
