"""Faultline's host side: what tools/boot, tools/mkimage and the tests share."""
