"""Tests of load control in the booted kernel, each told from a seed: programs that together have memory enough, or
want more than there is. For them bounds hold; each is met by far, or missed by far, with any compiler."""

from __future__ import annotations

from labbing.host.control import MS
from labbing.thrashing import CURED, ENOUGH, GOES_ON, ThrashingStory

CROWD = 700  # pages that are wired, where programs are to thrash


def enough(seed: str) -> ThrashingStory:
    """Memory for all."""
    story = ThrashingStory("where memory is enough, nobody is suspended", seed, 4, CROWD)
    for _ in range(4):
        story.program(story.random.randint(80, 110), rounds=12, stations=6, compute=50, wait=20 * MS)
    begin, end = story.run_all()
    story.faults_at_most(2 * sum(program.area.pages for program in story.programs), begin, end, ENOUGH)
    story.each_within(1000 * MS, ENOUGH)
    return story


def cured(seed: str) -> ThrashingStory:
    """Twice as much as there is, in parts that fit."""
    story = ThrashingStory("programs that would thrash come to their end soon", seed, 12, CROWD)
    for _ in range(12):
        story.program(story.random.randint(120, 140), rounds=5, stations=4, compute=60, wait=20 * MS)
    begin, end = story.run_all()
    story.faults_at_most(4 * sum(program.area.pages for program in story.programs), begin, end, CURED)
    story.all_within(10_000 * MS, begin, end, CURED)
    return story


def everybody(seed: str) -> ThrashingStory:
    """Nobody waits until the others have ended."""
    story = ThrashingStory("nobody waits for long, though there is not room for all", seed, 9, CROWD)
    for _ in range(9):
        story.program(story.random.randint(180, 220), rounds=5, stations=16, compute=20, wait=60 * MS)
    story.run_all()
    story.each_within(6000 * MS, GOES_ON)
    return story


def too_large(seed: str) -> ThrashingStory:
    """Each alone is larger than what there is."""
    story = ThrashingStory("programs larger than memory come to their end, too", seed, 2, CROWD)
    for _ in range(2):
        story.program(story.random.randint(950, 1000), rounds=1, stations=2, compute=10, wait=0)
    begin, end = story.run_all()
    story.all_within(20_000 * MS, begin, end, GOES_ON)
    return story
