#ifndef RETURNS_EVENT_SCAN_H
#define RETURNS_EVENT_SCAN_H
#include "base/str.h"

/* event_scan - cuts a stream of JSON (RFC 8259) into the objects it consists of: one object, one
 * a line, one after the other, lists of them, lists of lists. Bytes in, objects out; memory is
 * that of the largest object, EVENT_SIZE_MAX at most, however long the stream is.
 *
 * What is no JSON costs the object it stands in and no other: an object ends early where another
 * one begins in a place where none may, and a text that its line does not end is left behind at
 * the next line that begins an object no further to the right. A byte order mark, commas too many
 * and lines that begin with # are passed over. Nothing is lost: every other byte belongs to an
 * object or to something that is told as wrong. */
enum {
	EVENT_SIZE_MAX = 1 << 20,
	EVENT_DEPTH_MAX = 32, /* of objects and lists within an object, itself counted */
};

struct event_spot {
	uint64_t line, column; /* from 1; columns in characters */
};
struct event_piece {
	struct view bytes; /* valid until the next call */
	struct event_spot at;
	/* NULL: an object with its brackets in order. Else N_() words of what is wrong, and where. */
	const char *wrong;
	struct event_spot wrong_at;
	bool more; /* of one that is too long: the next piece goes on with it */
};

enum event_scan_state {
	EVENT_SCAN_BETWEEN,
	EVENT_SCAN_OBJECT,
	EVENT_SCAN_LOST,    /* in an object, after a text without its end */
	EVENT_SCAN_STRAY,   /* what is no object, up to the end of its line */
	EVENT_SCAN_COMMENT, /* a line that begins with # */
};
struct event_scan {
	enum event_scan_state state;
	struct str bytes;	  /* of the object so far */
	struct event_spot here;	  /* of the next byte */
	struct event_piece piece; /* being made */
	uint64_t lists;		  /* open around it */
	uint64_t deep;		  /* open beyond EVENT_DEPTH_MAX */
	unsigned depth;		  /* open within it, up to EVENT_DEPTH_MAX */
	uint32_t is_list;	  /* which of them are lists, the outermost in bit 0 */
	bool in_text, escaped, line_start, out;
	char last; /* the last byte that is neither blank nor in a text */
	unsigned mark;
};

void event_scan_init(struct event_scan *s);
void event_scan_free(struct event_scan *s);
/* 1: *out is the next object, or something wrong; 0: all of *in was read (and where `end` is
 * set, all there is: call until it gives 0). */
int event_scan_next(struct event_scan *s, struct view *in, bool end, struct event_piece *out);
#endif
