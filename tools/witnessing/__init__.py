"""What a program does in a kernel, told by the machine: docs/witness.md."""
