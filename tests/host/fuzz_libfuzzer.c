/* tests/host/fuzz_libfuzzer.c - the fuzzer with libFuzzer's bytes for decisions; with several
 * processors, also for who has the next turn, and how long. */
#include "tests/host/fuzz.h"

#ifndef PROCESSORS
#define PROCESSORS 1
#endif

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static bool started;
    if (!started) {
        host_device.instant = 40;
        host_device.failing = 3;
        host_fail_hook = fuzz_log_print;
        machine_start(600, 800);
        started = true;
    }
    const struct fuzz_options options = {
        .operations = 5000, .threads = 6, .processors = PROCESSORS};
    choice_bytes(bytes, length);
    fuzz_run(&options);
    return 0;
}
