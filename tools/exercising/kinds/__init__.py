"""The kinds of exercise, a file each: `make(seed, …)` gives a worksheet."""
