#ifndef CMD_BOUNCE_SOURCE_H
#define CMD_BOUNCE_SOURCE_H
#include "base/str.h"
struct fail;

/* bounce_source - messages out of a file, a folder of files, an mbox, a Maildir or stdin ("-"),
 * one after the other, in the order of the names. */
enum { BOUNCE_MESSAGE_MAX = 64 << 20 }; /* octets of one message that are looked at */

/* `number` counts the messages of an mbox from 1; 0: the file is one message. Returns 0, or -1
 * with f to stop. */
typedef int bounce_source_each(
	void *ctx, const char *path, size_t number, struct view message, struct fail *f);
int bounce_source_read(const char *path, bounce_source_each *each, void *ctx, struct fail *f);
#endif
