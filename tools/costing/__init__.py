"""What one operation costs, instruction by instruction: an exact call tree (tools/cost)."""
