"""A test of the division of frames without a machine, told from a seed: claims, and what each must get.

What that is, division.py says while the story is told, so that a starter has the numbers and not the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from labbing import division
from labbing.division import Claim, Rules
from labbing.expectation import Phase
from labbing.host.claims import claim_words, due_words, words_of
from labbing.host.story import HostStory

UPPER, LOWER = 1000, 100  # faults a second, where a test says nothing else
WHO = "allocation.c"


class ClaimsStory(HostStory):
    """One test."""

    rules = Rules()

    def __init__(self, title: str, seed: str):
        super().__init__(title, seed)
        self.operations: list[dict] = []
        self.runs = [{"operations": self.operations}]

    def phase(self, what: str) -> None:
        self.phases.append(Phase(WHO, what))

    def divide(
        self, scheme: str, claims: Sequence[Claim], frames: int, upper: int = UPPER, lower: int = LOWER
    ) -> list[int]:
        """What is due, at least."""
        counted = [replace(claim, minimum=claim.minimum or 1) for claim in claims]
        suffices = sum(claim.minimum for claim in counted) <= frames
        due = (
            division.divide(scheme, counted, frames, upper, lower, self.rules)
            if suffices
            else [division.exactly(claim.minimum, division.WITHIN, "its minimum, and no more") for claim in counted]
        )
        self.operations.append(
            {
                "phase": len(self.phases) - 1,
                "call": "divide",
                "scheme": scheme,
                "upper": upper,
                "lower": lower,
                "frames": frames,
                "claims": [asdict(claim) for claim in claims],
                "due": [asdict(each) for each in due],
                "suffices": suffices,
            }
        )
        return [each.least for each in due]

    def weigh(self, nice: int) -> None:
        least, most = division.weight(nice)
        self.operations.append(
            {"phase": len(self.phases) - 1, "call": "weigh", "nice": nice, "least": least, "most": most}
        )

    # --- claims ---

    def claim(self, **said: int) -> Claim:
        """One that says this, and anything else."""
        dice = self.random
        drawn = Claim(
            size=dice.randint(1, 5000),
            minimum=8,
            weight=dice.randint(15, 88_000),
            working_set=dice.randint(1, 3000),
            fault_rate=dice.randint(0, 3000),
            judged=dice.random() < 0.5,
            share=dice.choice((0, said.get("minimum", 8), dice.randint(8, 4000))),  # as it may have been left
        )
        return Claim(**{**asdict(drawn), **said})

    # --- what that means ---

    def text(self) -> str:
        lines, phase = [], -1
        for operation in self.operations:
            if operation["phase"] != phase:
                phase = operation["phase"]
                lines += ["", f"phase {phase}: {self.phases[phase].what}", ""]
            lines.append(f"    {words_of(operation)}")
            if operation["call"] == "weigh":
                lines.append(f"        {operation['least']} to {operation['most']} are due")
                continue
            for number, (claim, due) in enumerate(zip(operation["claims"], operation["due"], strict=True)):
                said = claim_words(operation["scheme"], claim)
                lines.append(f"        claim {number} ({said}) gets {due_words(due)}")
        return "\n".join(lines[1:]) + "\n"
