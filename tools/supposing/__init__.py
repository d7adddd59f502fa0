"""What if …? One run beside another with one thing different (docs/view.md)."""
