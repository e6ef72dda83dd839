#ifndef TESTS_TOOLS_FAILALLOC_H
#define TESTS_TOOLS_FAILALLOC_H
#include <stdbool.h>
#include <stdint.h>

/* Counts from here: the allocation number `at` fails (0: none), and all after it unless `once`. */
void failalloc_arm(uint64_t at, bool once);

/* The same, and the count goes on. */
void failalloc_set(uint64_t at, bool once);

/* failalloc_walk.c: from here on the allocations fail in copies, those whose number is `from`
 * modulo `each`; called at each allocation; called at the end of the program. */
void failalloc_walk(uint64_t from, uint64_t each);
void failalloc_walk_step(uint64_t n);
void failalloc_walk_end(void);

#endif
