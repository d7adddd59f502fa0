"""Who holds the kernel's locks, and for how long: what tools/locks prints."""
