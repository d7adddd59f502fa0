"""The host's side of the trace (docs/trace.md): reading, telling, exporting, showing."""
