"""Worksheets for classes that run no kernel; their answers come from the kernel and the simulator."""
