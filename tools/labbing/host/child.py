"""The process in which a student's functions run: it does what the judge says, and asks it what they ask.

    child.py LIBRARY MEMORY SECONDS MOST NUMBER…

The numbers are for the driver, and say what is where in the memory. A line from the judge is a call and its numbers;
the answers go back by what was the standard output when we began, and whatever the functions print goes nowhere. All
of it may be forged by them, and the judge knows that.
"""

import ctypes
import mmap
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
NUMBER, SIZE = ctypes.c_uint32, ctypes.c_uint64
QUESTION = ctypes.CFUNCTYPE(SIZE, NUMBER, SIZE, SIZE)


def confine(seconds: int, memory: int) -> None:
    """Processor time, memory, files: what the kernel of this machine ends us for; and we do not outlive the judge."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for limit, value in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
        *([(resource.RLIMIT_NPROC, 0)] if sys.platform == "linux" else []),  # it is one process, and stays one
    ):
        _, hard = resource.getrlimit(limit)
        most = value + 1 if hard == resource.RLIM_INFINITY else min(value + 1, hard)
        resource.setrlimit(limit, (min(value, most), most))


def main() -> None:
    library, memory, *limits = sys.argv[1:]
    seconds, most, *numbers = map(int, limits)
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    requests = open(0, "rb", buffering=0, closefd=False)

    def say(*words: object) -> None:
        os.write(answers, (" ".join(map(str, words)) + "\n").encode())

    def hear() -> list[str]:
        line = requests.readline()
        if not line:
            os._exit(0)
        return line.decode().split()

    def ask(question: int, one: int, other: int) -> int:
        say("?", question, one, other)
        return int(hear()[0])

    shared = mmap.mmap(int(memory), 0)
    confine(seconds, most)
    say("here")  # until now nothing of theirs has run
    try:
        driver = ctypes.CDLL(library, mode=os.RTLD_NOW)
    except OSError as error:
        say("refused", error)
        return
    driver.driver_call.restype = SIZE
    question = QUESTION(ask)  # must live as long as it is called
    start = ctypes.addressof(ctypes.c_char.from_buffer(shared))
    driver.driver_begin(ctypes.c_void_p(start), (SIZE * len(numbers))(*numbers), question)
    say("ready")
    more = SIZE()
    while True:
        call, *words = map(int, hear())
        given = (SIZE * len(words))(*words)
        more.value = 0
        answer = driver.driver_call(NUMBER(call), given, NUMBER(len(words)), ctypes.byref(more))
        say("done", answer, more.value)


if __name__ == "__main__":
    main()
