"""Effective access time: what a reference takes on average when one in so many is a page fault.

A program of the live kernel makes faults at a known rate and measures (`demo-eat`). The time of a fault is
taken from one rate; at all others the formula, with it, must come to what was measured there, within
a hundredth: else the worksheet is refused.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from exercising import sources
from exercising.worksheet import Block, Number, Pairs, Question, Table, Words, Worksheet, agree, agree_within

WARM_UP, KNOWN = 20, 50  # rates of which no question is: the first row still fills caches; then the fault's time
WITHIN = 0.01
CLEARLY = 0.03  # so far from a limit that rounding does not decide
LATENCIES = (400, 800, 1500, 3000, 5000, 8000, 12000)
RATES = (60, 125, 200, 400, 500, 800, 1000, 2000, 2500, 4000, 5000, 8000)
FIGURES = 3


@dataclass(frozen=True)
class Measured:
    """A reference without a fault, a page fault in all, and a reference at each rate; ns."""

    access: float
    fault: float
    each: dict[int, float]
    command: str


def rounded(value: float) -> float:
    """To three figures."""
    return float(f"{value:.{FIGURES}g}")


def formula(access: float, fault: float, one_in: float) -> float:
    return (1 - 1 / one_in) * access + fault / one_in


def measure(latency: int, rates: list[int]) -> Measured:
    words = " ".join(map(str, [WARM_UP, KNOWN, *rates]))
    command = f"tools/boot --ram 64M --swap 16M --swap-latency {latency} -- demo-eat --csv {words}"
    rows = {int(row["one_in"]): row for row in sources.rows(command, ",")}
    each = {one_in: float(row["measured_ns"]) for one_in, row in rows.items()}
    access = rounded(float(rows[KNOWN]["memory_access_ns"]))
    fault = rounded((each[KNOWN] - (1 - 1 / KNOWN) * access) * KNOWN)
    for one_in, row in rows.items():
        agree(f"faults at one in {one_in}", int(row["references"]) // one_in, int(row["faults"]))
    for one_in in rates:
        agree_within(f"one fault in {one_in}, ns", formula(access, fault, one_in), each[one_in], WITHIN)
    return Measured(access, fault, {one_in: each[one_in] for one_in in rates}, command)


def number(nanoseconds: float, unit: str = "microseconds") -> Number:
    value = float(f"{nanoseconds / 1000:.4g}")
    return Number(value, unit, float(f"{value * 0.015:.2g}"))


def average(m: Measured, one_in: int) -> Question:
    computed = formula(m.access, m.fault, one_in)
    return Question(
        f"One reference in {one_in} is a page fault. What is the effective access time, in microseconds? (Within "
        "one hundredth.)",
        number(computed),
        f"(1 - p) x {m.access:g} ns + p x {m.fault:.0f} ns with p = 1/{one_in} is {computed:.1f} ns. The machine "
        f"measured {m.each[one_in]:.1f} ns.",
        m.command,
    )


def slowdown(m: Measured, one_in: int) -> Question:
    times = m.each[one_in] / m.access
    computed = formula(m.access, m.fault, one_in) / m.access
    agree_within("slowdown", computed, times, WITHIN)
    value = float(f"{computed:.3g}")
    return Question(
        f"How many times slower is memory with one fault in {one_in} references than without any? (Within one "
        "hundredth.)",
        Number(value, "times", float(f"{value * 0.015:.2g}")),
        f"{formula(m.access, m.fault, one_in):.1f} ns / {m.access:g} ns. Measured: {times:.2f} times.",
        m.command,
    )


def clear_of(m: Measured, times: float) -> bool:
    """No rate so near to that slowdown that rounding would decide."""
    return all(abs(each / m.access / times - 1) > CLEARLY for each in m.each.values())


def rare_enough(m: Measured, times: float) -> Question:
    """Which of the rates keeps within a slowdown?"""
    verdicts = {one_in: formula(m.access, m.fault, one_in) <= times * m.access for one_in in m.each}
    agree("which rates will do", verdicts, {one_in: each <= times * m.access for one_in, each in m.each.items()})
    least = times_to_rate(m, times)
    pairs = [(f"one in {one_in}", "will do" if good else "too many faults") for one_in, good in verdicts.items()]
    return Question(
        f"Memory may be at most {times:g} times slower than without faults. Which of these rates of faults will do?",
        Pairs(pairs, among=True),
        f"(1 - p) x {m.access:g} + p x {m.fault:.0f} must be at most {times:g} x {m.access:g} ns: p at most one in "
        f"{least:.0f}. Each rate was also tried, and measured.",
        m.command,
    )


def times_to_rate(m: Measured, times: float) -> float:
    """One fault in so many references makes memory so many times slower."""
    return (m.fault - m.access) / (m.access * (times - 1))


def faster_disk(m: Measured, faster: Measured, one_in: int) -> Question:
    computed = formula(m.access, faster.fault, one_in)
    agree_within("on the faster disk", computed, faster.each[one_in], WITHIN)
    return Question(
        f"With a faster disk a page fault takes {faster.fault / 1e6:g} milliseconds in all. What is the effective "
        f"access time then, with one fault in {one_in}, in microseconds? (Within one hundredth.)",
        number(computed),
        f"(1 - p) x {m.access:g} ns + p x {faster.fault:.0f} ns with p = 1/{one_in} is {computed:.1f} ns; "
        f"measured: {faster.each[one_in]:.1f} ns.",
        faster.command,
    )


def larger_part(m: Measured, one_in: int) -> Question:
    memory, faults = (1 - 1 / one_in) * m.access, m.fault / one_in
    larger = "waiting for page faults" if m.each[one_in] > 2 * m.access else "memory accesses"
    agree("the larger part", "waiting for page faults" if faults > memory else "memory accesses", larger)
    return Question(
        f"With one fault in {one_in}, what takes the larger part of the time: memory accesses, or waiting for page "
        "faults?",
        Words(larger, ["page faults", "faults"] if larger.startswith("waiting") else ["accesses", "memory"]),
        f"Of each reference {memory:.1f} ns are memory and {faults:.1f} ns page faults, on average.",
        m.command,
    )


def make(seed: str) -> Worksheet:
    dice = random.Random(f"access-time {seed}")
    latency, faster_latency = sorted(dice.sample(LATENCIES, 2), reverse=True)
    rates = sorted(dice.sample(RATES, 3))
    m = measure(latency, rates)
    given: list[Block] = [
        "Effective access time = (1 - p) x memory access + p x page fault, where p is the part of the references "
        "that fault.",
        Table(["what", "time"], [
            ["a memory access without a fault", f"{m.access:g} nanoseconds"],
            ["a page fault, all in all", f"{m.fault / 1e6:g} milliseconds"],
        ]),
    ]  # fmt: skip
    choices = [t for t in (1.1, 1.5, 2, 5, 10, 20, 50) if clear_of(m, t)]
    reaching = [t for t in choices if rates[0] < times_to_rate(m, t) < rates[-1]] or choices
    halves = [one_in for one_in, each in m.each.items() if abs(each / m.access / 2 - 1) > CLEARLY]
    makers = [
        lambda: average(m, rates[0]),
        lambda: slowdown(m, rates[1]),
        lambda: rare_enough(m, dice.choice(reaching)),
        lambda: larger_part(m, dice.choice(halves)),
        lambda: faster_disk(m, measure(faster_latency, rates[:1]), rates[0]),
    ]
    questions = [maker() for maker in dice.sample(makers, 4)]
    return Worksheet("access-time", seed, "Effective access time", given, questions)
