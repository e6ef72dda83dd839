#ifndef IMPORT_CHARSET_H
#define IMPORT_CHARSET_H
#include "base/str.h"
struct fail;

/* charset - which encoding an address file is in, and its text as UTF-8.
 *
 * Address books come as UTF-8, as the "Unicode text" of Excel (UTF-16) or as
 * the "ANSI" of older Windows programs (windows-1252). What is recognised is
 * announced to the user: the name is part of the result, never a secret guess.
 *
 * Two passes over the same bytes, both in constant memory: the sniffer sees
 * everything once, then the decoder turns it into UTF-8. Both take what they
 * can off the view they are given and leave a character that is not complete
 * yet: the caller brings it back in front of the next bytes. */
enum charset {
	CHARSET_UTF8, /* plain ASCII too */
	CHARSET_UTF8_BOM,
	CHARSET_UTF16LE,
	CHARSET_UTF16BE,
	CHARSET_WINDOWS_1252,
};
/* "UTF-8", "UTF-8 with BOM", "UTF-16LE", "UTF-16BE", "windows-1252". */
const char *charset_name(enum charset kind);

enum charset_problem {
	CHARSET_FINE = 0,
	CHARSET_UTF32,	   /* nobody exports that on purpose */
	CHARSET_MIXED,	   /* UTF-8 in one place, something else in another */
	CHARSET_INVALID,   /* not UTF-8 in a file that says it is */
	CHARSET_UNDEFINED, /* 81 8D 8F 90 9D mean nothing in windows-1252 */
	CHARSET_SURROGATE, /* half of a UTF-16 pair */
	CHARSET_CUT,	   /* the file ends within a character */
};

/* The sniffer. A byte order mark or the zero bytes of UTF-16 settle the matter
 * at once (`settled`: nothing need be fed); otherwise UTF-8 when all of the file
 * is valid UTF-8, windows-1252 when none of its accents is, CHARSET_MIXED when
 * both kinds stand in one file: then `at` is where the first of the second kind
 * stands. A valid sequence counts as UTF-8 only when it reads as a character a
 * European list would hold: windows-1252 "É»" is valid UTF-8 by accident. */
struct charset_sniff {
	enum charset kind; /* the verdict, after charset_sniff_end() */
	bool settled;
	bool utf32;  /* a mark that says so */
	uint64_t at; /* bytes taken so far; after a problem: where it is */
	bool has_utf8, has_other;
	uint64_t utf8_at, other_at;
};
/* `head` is the beginning of the file: all of it, or at least some hundred bytes. */
void charset_sniff_init(struct charset_sniff *s, struct view head);
void charset_sniff_feed(struct charset_sniff *s, struct view *in);
/* `rest` is what the last feed left. */
enum charset_problem charset_sniff_end(struct charset_sniff *s, struct view rest);

/* The decoder. It trusts no earlier pass: its output is valid UTF-8. */
struct charset_decoder {
	enum charset kind;
	uint64_t at; /* bytes decoded so far; after a problem: where it is */
};
enum { CHARSET_GROWTH = 3 }; /* output is at most that many times as long as the input */
void charset_decoder_init(struct charset_decoder *d, enum charset kind);
/* Adds to out, which the caller made large enough. A byte order mark at the
 * beginning is dropped. `last`: nothing follows these bytes. */
enum charset_problem charset_decode(
	struct charset_decoder *d, struct view *in, bool last, struct str *out);

/* A place in the file for people: line and column in characters, from 1. Feed
 * all bytes before the place. */
struct charset_place {
	uint64_t line, column;
	bool after_cr;
};
void charset_place_init(struct charset_place *p);
void charset_place_feed(struct charset_place *p, enum charset kind, struct view bytes);

/* Sets f (FAIL_DATA) to what is wrong, where, and what to do. Returns -1. */
int charset_fail(enum charset_problem problem, const struct charset_place *p, struct fail *f);
#endif
