"""The playground: a machine in a browser's tab, and the page around it (docs/playground.md)."""
