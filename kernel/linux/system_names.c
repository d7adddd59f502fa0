/* kernel/linux/system_names.c - what the machine is called, as long as nobody calls it
 * otherwise. */
#include "kernel/linux/system_names.h"

struct system_names system_names = {"faultline", "(none)"};
