"""What tools/race consists of: strings, real programs, and the report."""
