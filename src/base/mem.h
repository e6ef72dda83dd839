#ifndef BASE_MEM_H
#define BASE_MEM_H
#include <stddef.h>

/* mem - memory from the heap, or the end of the program: none of these returns
 * NULL. Running out of memory prints one line and exits 75 (stopped, resumable):
 * what was on disk before is the truth after. Free with free(). */
void *mem_alloc(size_t size);	      /* zeroed */
void *mem_grow(void *p, size_t size); /* realloc */
void *mem_dup(const void *p, size_t size);
char *mem_dupz(const char *text); /* NULL stays NULL */
_Noreturn void mem_out(void);	  /* for libraries that returned NULL for want of memory */
#endif
