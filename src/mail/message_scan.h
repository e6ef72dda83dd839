#ifndef MESSAGE_SCAN_H
#define MESSAGE_SCAN_H
#include "mail/message_private.h"

/* The state in which mail/message_parts, _boundary and _header read a text together: one pass over
 * its lines, each held against the boundaries of all multiparts that are open (RFC 2046 5.1.2);
 * one that belongs further out ends everything within. */

/* A part while the tree grows. */
struct part {
	struct message_part shown;
	struct part *after;	 /* in the text */
	struct part *last_child; /* whose `next` is not known yet */
};
/* What all texts of one message share: the message itself and those decoded from it. */
struct tree {
	struct message *m;
	struct part *first, *last;
	size_t count;
	size_t fields_left;
	size_t decode_left;	      /* octets that may still be decoded to be read as messages */
	struct message_field *fields; /* of the header being read */
	size_t field_count, field_cap;
	bool multipart; /* its first Content-Type says so; */
	bool typed;	/* which has come */
};
struct open {
	struct part *part;
	struct view boundary;
	bool multipart;
	bool seen;    /* its boundary has come */
	bool closed;  /* the closing one too */
	bool message; /* its header is of a message, not of a part */
	bool encoded; /* holds a message that has to be decoded first */
};
struct scan {
	struct tree *tree;
	struct message_lines lines;
	struct part *parent; /* of what this text holds */
	struct open open[MESSAGE_DEPTH_MAX + 1];
	size_t depth; /* how many are open */
	bool in_header, stop;
	size_t header_start;
	size_t before;	   /* where the line before this one ended */
	size_t boundaries; /* open multiparts */
	uint64_t lengths;  /* a bit for each length, modulo 64, that a line of theirs may have */
	bool field_open;   /* the last field was kept, and may go on */
};

static inline struct view scan_text(const struct scan *s, size_t from, size_t to)
{
	return view_sub(s->lines.text, from, to > from ? to - from : 0);
}
static inline struct open *scan_top(struct scan *s)
{
	return &s->open[s->depth - 1];
}

/* Opens a part whose header begins there. False, and noted, where a limit forbids it. */
bool scan_begin_part(struct scan *s, size_t at, bool message);
/* The header of the part on top ends there; its body begins: what will it hold? */
void scan_end_header(struct scan *s, size_t at);
void scan_begin_body(struct scan *s, size_t at);
/* Ends the part on top before the line at `start`: its last octet stands before `end`. */
void scan_end_part(struct scan *s, size_t start, size_t end);
/* One line of the header of the part on top. */
void scan_header_line(struct scan *s, const struct message_line *l);
/* False: the line is no boundary. */
bool scan_boundary_line(struct scan *s, const struct message_line *l);
/* The lengths a line of such a multipart may have, as in scan.lengths. */
uint64_t scan_lengths_of(const struct open *o);
/* The line at ahead->at, which is passed over; false at the end. */
bool scan_peek(struct message_lines *ahead, struct view *line);
#endif
