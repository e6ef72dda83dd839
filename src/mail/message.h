#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H
#include "base/arena.h"
#include "base/str.h"

/* message - reading a message that anybody may have written (RFC 5322, 2045 to 2047, 2231).
 *
 * Nothing is refused: what is broken is read as its writer most likely meant it, and noted in
 * `defects`. LF, CRLF and CR all end lines. Reading costs time and memory in proportion to the
 * message's length, whatever it holds; past a limit the rest is not looked at, and noted.
 * Views point into the message where they can and into the arena elsewhere: both must live as
 * long as what was read. Our own messages are read back by mail/decode.h instead, which
 * forgives nothing. */
enum {
	MESSAGE_DEPTH_MAX = 32,
	MESSAGE_PARTS_MAX = 1000,
	MESSAGE_HEADER_MAX = 256 << 10,	    /* octets of one header that are looked at */
	MESSAGE_FIELDS_MAX = 2000,	    /* of one header */
	MESSAGE_ALL_FIELDS_MAX = 50 * 1000, /* of all headers together */
	MESSAGE_TEXT_MAX = 1 << 20,	    /* octets of one decoded body */
};

enum message_defect {
	MESSAGE_TOO_DEEP = 1 << 0,
	MESSAGE_TOO_MANY_PARTS = 1 << 1,
	MESSAGE_HEADER_CUT = 1 << 2,
	MESSAGE_NO_BOUNDARY = 1 << 3,  /* a multipart that names none, or whose never comes */
	MESSAGE_NO_END = 1 << 4,       /* the closing boundary is missing */
	MESSAGE_BAD_ENCODING = 1 << 5, /* of a body or of an encoded word */
	MESSAGE_BAD_CHARSET = 1 << 6,  /* unknown, or its bytes are not of it */
	MESSAGE_TEXT_CUT = 1 << 7,
	MESSAGE_BAD_FIELD = 1 << 8, /* a line in a header that is no field */
};

struct message_field {
	struct view name;  /* without blanks before the colon */
	struct view value; /* as it stands, folded and encoded, without the blanks at its ends */
};
struct message_part {
	const struct message_part *parent, *first, *next; /* first: of its own parts, or NULL */
	size_t number;					  /* its place in message.parts */
	unsigned depth;					  /* 0: the message itself */
	const struct message_field *fields;
	size_t field_count;
	struct view header, body; /* as they stand */
	struct view preamble;	  /* of a multipart: what stands before its first part */
	struct view type; /* "text/plain": lower case, never empty (RFC 2045 5.2, 2046 5.1.5) */
};
struct message_cache; /* what was decoded before */
struct message {
	struct view bytes;
	const struct message_part *root;
	const struct message_part *const *parts; /* all of them, as they come in the text */
	size_t part_count;
	unsigned defects; /* enum message_defect; decoding may add to them */
	struct arena *arena;
	struct message_cache *cache;
};
/* The parts of a multipart and the message in a message/rfc822, message/global or
 * message/partial are its own parts; so are the header and body of text/rfc822-headers. Such
 * a message in base64 or quoted-printable, which RFC 2046 5.2.1 forbids, is decoded first. */
void message_read(struct view bytes, struct arena *a, struct message *out);

/* The nth field of that name (from 0), or NULL. */
const struct message_field *message_field(
	const struct message_part *part, const char *name, size_t nth);
/* Its value unfolded, decoded (RFC 2047) to UTF-8; empty where there is no such field. */
struct view message_text(struct message *m, const struct message_part *part, const char *name);
struct view message_decode(struct message *m, struct view value);
/* A parameter of a field (RFC 2045 5.1, RFC 2231 with its sections and charsets); empty
 * where there is none. */
struct view message_param(
	struct message *m, const struct message_part *part, const char *field, const char *name);
/* The content with its transfer encoding undone; text as UTF-8 without NUL, whatever its
 * charset says, and cut at MESSAGE_TEXT_MAX. Text is text/..., a report (mail/report.h), and
 * a multipart: of that, what stands before its first part, which is all where it has none.
 * Line ends stay as they are. Asking again costs nothing. */
struct view message_body(struct message *m, const struct message_part *part);
/* The same with the markup of HTML taken off: what a person would read, a line for each
 * block. Other types: as message_body. */
struct view message_words(struct message *m, const struct message_part *part);
#endif
