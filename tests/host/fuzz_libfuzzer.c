/* tests/host/fuzz_libfuzzer.c - the fuzzer with libFuzzer's bytes for decisions. */
#include "tests/host/fuzz.h"

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
    const struct fuzz_options options = {.operations = 5000, .threads = 6};
    choice_bytes(bytes, length);
    fuzz_run(&options);
    return 0;
}
