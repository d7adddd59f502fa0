"""The parts of tools/bundle."""
