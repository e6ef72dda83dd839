#ifndef FETCH_IMAP_REPLY_H
#define FETCH_IMAP_REPLY_H
#include "base/arena.h"
#include "base/str.h"
struct fail;

/* imap_reply - what an IMAP server says (RFC 3501 section 9), without any I/O: bytes in, one
 * response at a time out, whatever pieces they come in. Nothing is believed: numbers have
 * their range, lines and literals their limit. */
enum {
	IMAP_TEXT_MAX = 1 << 18,  /* octets of a response but for the message in it */
	IMAP_WORDS_MAX = 400,	  /* octets of a server's words that are repeated */
	IMAP_FOLDER_MAX = 1 << 10 /* of a folder's name */
};

/* The reader gathers a response. The literal that is a message (BODY[] of a FETCH) goes to
 * `body`, all that is small stays in `text`, literals too ("{3}", CRLF, three octets). */
struct imap_reader {
	struct str text, body;
	bool has_body;
	bool cut;	/* the message was longer than `body` may be: the rest was dropped */
	size_t line;	/* where the line that is being read begins in text */
	uint64_t left;	/* octets of a literal that are still to come */
	bool into_body; /* it is the message */
	bool whole;	/* a response stands in text: the next byte begins another */
};
void imap_reader_init(struct imap_reader *r, size_t body_max);
void imap_reader_free(struct imap_reader *r);
/* Takes what it needs off *in. 1: a whole response is there, until the next call; 0: more
 * is needed; -1: this is not IMAP (FAIL_TEMP). */
int imap_reader_take(struct imap_reader *r, struct view *in, struct fail *f);

enum imap_kind {
	IMAP_TAGGED,   /* the end of a command: status, tag */
	IMAP_CONTINUE, /* "+": words */
	IMAP_STATUS,   /* untagged OK, NO, BAD, BYE, PREAUTH */
	IMAP_EXISTS,
	IMAP_EXPUNGE,
	IMAP_FETCH,
	IMAP_CAPABILITY, /* words: those of its line */
	IMAP_LIST,
	IMAP_NAMESPACE, /* name: what stands before our own folders' names; separator */
	IMAP_OTHER,	/* nothing that is looked at here */
};
enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };
struct imap_response {
	enum imap_kind kind;
	enum imap_status status;
	struct view tag;
	struct view code;  /* what stands in brackets: "UIDVALIDITY 7"; empty for none */
	struct view words; /* for people */
	uint32_t number;   /* of EXISTS, EXPUNGE, FETCH */
	/* FETCH: 0 where it was not said. */
	uint32_t uid;
	uint64_t size;
	bool has_size, has_flags, seen;
	bool has_body; /* body: a quoted one, or the reader's */
	struct view body;
	/* LIST */
	bool selectable;
	char separator; /* between the parts of a folder's name; 0: there is none */
	struct view name;
};
/* Reads what the reader gathered. Views point into it and into the arena. 0, or -1: it
 * makes no sense (FAIL_TEMP). */
int imap_parse(
	const struct imap_reader *r, struct arena *a, struct imap_response *out, struct fail *f);

/* "UIDVALIDITY 7" with the key UIDVALIDITY: 7; false where it is another code. */
bool imap_code_number(struct view code, const char *key, uint32_t *out);
bool imap_code_is(struct view code, const char *key);
/* One of the words, letter case aside. */
bool imap_has_word(struct view words, const char *word);
#endif
