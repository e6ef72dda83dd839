#ifndef MESSAGE_PRIVATE_H
#define MESSAGE_PRIVATE_H
#include "mail/message.h"

/* What the files of mail/message share; nobody else includes this. */

struct message_cache {
	struct view body, words; /* p is NULL: not asked for yet */
};

/* The lines of a text. LF, CRLF and CR end one, and so does CR CR LF, which relays make that
 * put a CR before every LF. Both searches go over the text once, whatever it holds. */
struct message_lines {
	struct view text;
	size_t at;
	size_t lf, cr; /* the next of each at or after `at`, as far as that was looked for */
};
struct message_line {
	size_t start, end, next; /* without its end; where the next one begins */
};
void message_lines_init(struct message_lines *l, struct view text);
bool message_line(struct message_lines *l, struct message_line *out);

/* A field at the start of a line: its name's length, or 0. *value: what follows the colon. */
size_t message_field_name(struct view line, size_t *value);

/* A parameter as it stands, its quotes and sections undone, its words not. */
struct view message_param_raw(struct message *m, struct view value, const char *name);
/* "text/plain" from the value of a Content-Type; empty where that is none. */
struct view message_type_of(struct arena *a, struct view value);

enum message_encoding {
	MESSAGE_IDENTITY,
	MESSAGE_BASE64,
	MESSAGE_QP,
	MESSAGE_UNKNOWN_ENCODING, /* uuencode and yEnc are among these: left as they are */
};
enum message_encoding message_encoding_of(const struct message_part *part);
/* Undoes it, as far as `most` octets; the identity costs nothing. */
struct view message_undo(
	struct message *m, enum message_encoding encoding, struct view body, size_t most);
/* The same into memory of the caller, in.len octets of it; returns how many were written. */
size_t message_undo_base64(struct view in, char *out, size_t most, bool *bad);
size_t message_undo_qp(struct view in, bool header, char *out, size_t most);

/* clang-format off */
enum message_charset {
	CHARSET_ANY,    /* UTF-8 where it is valid, else windows-1252 */
	CHARSET_UTF8,
	CHARSET_CP1252,
	CHARSET_UTF16,  /* as its byte order mark says */
	CHARSET_UTF16LE, CHARSET_UTF16BE, CHARSET_UTF32, CHARSET_UTF7, CHARSET_GB18030,
	CHARSET_BIG5, CHARSET_SJIS, CHARSET_EUCJP, CHARSET_ISO2022JP, CHARSET_EUCKR,
	CHARSET_ISO2022KR, CHARSET_ISO2022CN, CHARSET_KOI8R, CHARSET_KOI8U, CHARSET_MAC,
	CHARSET_MACCYR, CHARSET_L2, CHARSET_L3, CHARSET_L4, CHARSET_L5, CHARSET_L6, CHARSET_L7,
	CHARSET_L8, CHARSET_L10, CHARSET_L13, CHARSET_L14, CHARSET_L15, CHARSET_L16,
	CHARSET_CP874, CHARSET_CP1250, CHARSET_CP1251, CHARSET_CP1253, CHARSET_CP1254,
	CHARSET_CP1255, CHARSET_CP1256, CHARSET_CP1257, CHARSET_CP1258, CHARSET_CP437,
	CHARSET_CP850, CHARSET_CP852, CHARSET_CP855, CHARSET_CP857, CHARSET_CP858,
	CHARSET_CP860, CHARSET_CP861, CHARSET_CP862, CHARSET_CP863, CHARSET_CP865,
	CHARSET_CP866, CHARSET_CP037, CHARSET_COUNT
};
/* clang-format on */
/* What a label means; false: nobody knows (*out untouched). */
bool message_charset_of(struct view label, enum message_charset *out);
/* What iconv calls it; NULL for those that need no iconv. */
const char *message_iconv_name(enum message_charset charset);

/* Text in a charset as UTF-8 without NUL; points at `bytes` where nothing is to do. An empty
 * label: UTF-8 if that is what it is, else windows-1252. */
struct view message_utf8(struct message *m, struct view bytes, struct view label);

/* What windows-1252 means by an octet from 0x80 to 0x9F. */
uint32_t message_cp1252(uint32_t octet);

/* A character reference at the start of text, which begins with "&": its length, or 0. What it
 * stands for is never longer in UTF-8. */
size_t message_entity(struct view text, uint32_t *cp);
/* HTML as a person reads it. */
struct view message_html(struct arena *a, struct view html);
#endif
