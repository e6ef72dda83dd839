#ifndef TESTS_TOOLS_FAILALLOC_H
#define TESTS_TOOLS_FAILALLOC_H
#include <stdbool.h>
#include <stdint.h>

/* Counts from here: the allocation number `at` fails (0: none), and all after it unless `once`. */
void failalloc_arm(uint64_t at, bool once);

#endif
