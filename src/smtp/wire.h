#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H
#include "base/view.h"
struct fail;

/* wire - message content on its way through DATA (RFC 5321 section 4.5.2). */
enum { SMTP_WIRE_LINE_MAX = 998 }; /* octets of a line without CRLF */

struct smtp_wire_facts {
	bool eightbit;	 /* some byte is above 127 */
	size_t to_stuff; /* lines that begin with a dot */
};

/* The last guard against smuggling (VU#302671): content is whole lines that end
 * in CRLF, without a lone CR, a lone LF, a NUL or a line of more than 998
 * octets. 0 with *facts filled, or -1 with f saying what stands where. */
int smtp_wire_check(struct view data, struct smtp_wire_facts *facts, struct fail *f);

/* Copies content that passed smtp_wire_check into a buffer in pieces, doubling
 * the dot at the start of each line. */
struct smtp_wire {
	struct view rest; /* not yet copied */
	bool line_start;
	bool plain; /* no line begins with a dot: copy blindly */
};
void smtp_wire_start(struct smtp_wire *w, struct view data, size_t to_stuff);
/* Returns how many bytes it put into out, at most room. w->rest is empty at the
 * end. A room of 2 or more always makes progress. */
size_t smtp_wire_copy(struct smtp_wire *w, char *out, size_t room);
#endif
