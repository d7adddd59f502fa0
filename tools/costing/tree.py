"""Instructions, one after the other, as a call tree: each is of one node, so own counts add up to all.

A call opens a node, a return closes it. An exception or a system call opens one, IRET or SYSRET closes what the kernel
did. A jump to another function stands for a call at the end (the compiler's): the new node takes the place of the old
one. And where the kernel switches to another thread, "return" leads into a function that somebody called long before:
then the nodes of that other stack go on, or, if it has not been seen before, it begins at the top."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from costing.run import CALL, ENTER, JUMP, LEAVE, RETURN, Instruction


@dataclass
class Node:
    name: str
    own: int = 0
    calls: int = 0
    below: dict[str, Node] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return self.own + sum(node.all for node in self.below.values())

    def child(self, name: str, calls: int = 1) -> Node:
        node = self.below.setdefault(name, Node(name))
        node.calls += calls
        return node

    def walk(self, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Each node with the names on the way to it, in the order of first calls."""
        path = (*above, self.name)
        yield path, self
        for node in self.below.values():
            yield from node.walk(path)


@dataclass
class Frame:
    node: Node
    function: str
    back: int  # where it returns to


class Builder:
    """`name_of` an address; `inlined`: what is inlined there, from the outermost to the innermost."""

    def __init__(self, root: str, name_of: Callable[[int], str], inlined: Callable[[int], tuple[str, ...]]):
        self.root = Node(root)
        self._name_of, self._inlined = name_of, inlined
        self._stack = [Frame(self.root, "", -1)]
        self._others: list[list[Frame]] = []  # of threads that do not run; the one left last stands last

    def _push(self, function: str, back: int, within: tuple[str, ...] = ()) -> None:
        node = self._stack[-1].node
        for name in within:  # called by what is inlined there
            node = node.child(name, 0)
        self._stack.append(Frame(node.child(function), function, back))

    def _replace(self, function: str) -> None:
        """A jump to another function, or on into what follows: in the place of the one that is open."""
        if len(self._stack) == 1:
            self._push(function, -1)
        elif self._stack[-1].function != function:
            self._push(function, self._stack.pop().back)

    @staticmethod
    def _innermost(stack: list[Frame], back: int) -> int:
        return next((depth for depth in range(len(stack) - 1, 0, -1) if stack[depth].back == back), 0)

    def _return(self, now: Instruction) -> None:
        """Also to a stack that was left earlier: another thread's."""
        depth = self._innermost(self._stack, now.address)
        if not depth:
            self._switch(now)
            depth = self._innermost(self._stack, now.address)
        if depth:
            del self._stack[depth:]
        self._replace(self._name_of(now.address))

    def _switch(self, now: Instruction) -> None:
        if len(self._stack) > 1:
            self._others.append(self._stack)
        self._stack = [Frame(self.root, "", -1)]
        for other in reversed(self._others):
            if self._innermost(other, now.address):
                self._others.remove(other)
                self._stack = other
                break

    def _leave(self, now: Instruction) -> None:
        """The kernel goes back to user code, or to what it was interrupted in: where that was, or, by a signal, or a
        copy that cannot go on, elsewhere."""
        function = self._name_of(now.address)
        there = [depth for depth, frame in enumerate(self._stack) if depth and frame.function == function]
        if self._innermost(self._stack, now.address) or not there:
            self._return(now)
        else:
            del self._stack[there[-1] + 1 :]

    def _step(self, before: Instruction, now: Instruction, within: tuple[str, ...]) -> None:
        function = self._name_of(now.address)
        if before.kind == CALL:
            self._push(function, before.next, within)
        elif before.kind == RETURN:
            self._return(now)
        elif before.kind == LEAVE:
            self._leave(now)
        elif before.kind == ENTER:
            self._push(function, before.next, within)
        elif before.is_users and not now.is_users:  # an exception or an interrupt
            self._push(function, before.address, within)
        elif before.kind == JUMP or now.address == before.next:
            self._replace(function)
        elif function != self._stack[-1].function:  # an exception in the kernel
            self._push(function, before.address, within)

    def build(self, trace: Iterable[Instruction]) -> Node:
        before: Instruction | None = None
        within: tuple[str, ...] = ()
        for now in trace:
            if before is None:
                self._push(self._name_of(now.address), -1)
            else:
                self._step(before, now, within)
            within = self._inlined(now.address)
            node = self._stack[-1].node
            for name in within:
                node = node.child(name, 0)
            node.own += 1
            before = now
        return self.root


def tree(
    root: str,
    trace: Iterable[Instruction],
    name_of: Callable[[int], str],
    inlined: Callable[[int], tuple[str, ...]] = lambda _: (),
) -> Node:
    return Builder(root, name_of, inlined).build(trace)
