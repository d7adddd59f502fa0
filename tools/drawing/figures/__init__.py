"""One figure a module: its FIGURE."""
