/* predict.h - a fault is guessed before it is told: questions, answers, a score.
 *
 * Whoever has understood demand paging can say, before a program touches an address, what the
 * kernel will do. Here they are asked: of what kind will it be; sometimes, which page of the
 * file; and when a page must go for it, which one. */
#ifndef USER_LIB_PREDICT_H
#define USER_LIB_PREDICT_H

#include "user/lib/fault_line.h"

#include <stdio.h>
#include <sys/types.h>

struct predict;

/* Questions are about process `pid`, answers come from `answers`. With seed 0 every fault is
 * asked; with any other, about every second, chosen by the seed: the same ones each time.
 * NULL: out of memory. */
struct predict *predict_begin(pid_t pid, FILE *answers, unsigned seed);
/* Ask what `line`, a fault that is not told yet, will be; say what was wrong, and why. */
void predict_ask(struct predict *predict, const struct fault_line *line);
/* The score. */
void predict_end(struct predict *predict);

#endif
