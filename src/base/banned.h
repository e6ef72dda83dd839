#ifndef BASE_BANNED_H
#define BASE_BANNED_H
/* banned - functions that overflow, truncate in silence, share a static buffer
 * or cannot report an error do not compile. CMake includes this file before
 * the first line of every source; the headers that declare the names come first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* For clang, glibc's fortified stdio.h has it as a macro, and a macro cannot be poisoned. */
#undef sprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok atoi atol atoll atof
#pragma GCC poison localtime gmtime asctime ctime
#endif
