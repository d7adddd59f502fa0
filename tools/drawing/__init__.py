"""The figures of the virtual-memory chapter, redrawn from runs of the live kernel.

A figure is one small module in `figures/`: which commands it runs, how their output becomes a
table, and how the table becomes a drawing. It is drawn from the table alone.
"""
