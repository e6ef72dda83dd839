#ifndef TEST_PAYLOADS_H
#define TEST_PAYLOADS_H
#include "base/view.h"

/* payloads - what somebody might put into a name, a subject, a CSV cell or a
 * form to get a header, a recipient or a command of his own. `control` says
 * that it holds a character which no header field may carry in any form. */
struct payload {
	struct view text;
	bool control;
};

#define PAYLOAD(control, literal)                                                                  \
	{                                                                                          \
		{literal, sizeof literal - 1}, control                                             \
	}
static const struct payload payloads[] = {
	/* line ends */
	PAYLOAD(true, "\r"),
	PAYLOAD(true, "\n"),
	PAYLOAD(true, "\r\n"),
	PAYLOAD(true, "\n\r"),
	PAYLOAD(true, "a\r\n"),
	PAYLOAD(true, "a\n"),
	PAYLOAD(true, "\r\na"),
	PAYLOAD(true, "a\r\nBcc: x@example.org"),
	PAYLOAD(true, "a\nBcc: x@example.org"),
	PAYLOAD(true, "a\rBcc: x@example.org"),
	PAYLOAD(true, "a\r\n\tBcc: x@example.org"),
	PAYLOAD(true, "a\r\n Bcc: x@example.org"),
	PAYLOAD(true, "a\r\n\r\n<html>body"),
	PAYLOAD(true, "a\n\nbody"),
	PAYLOAD(true, "a\r\n.\r\nMAIL FROM:<x@example.org>"),
	PAYLOAD(true, "a\n.\nQUIT"),
	PAYLOAD(true, "a\r\n.\r"),
	PAYLOAD(true, "a\r.\r"),
	PAYLOAD(true, "a@example.org\r\nRCPT TO:<x@example.org>"),
	PAYLOAD(true, "a@example.org>\r\nDATA"),
	PAYLOAD(true, "é\r\nBcc: x@example.org"),
	PAYLOAD(true, "\xf0\x9f\x8e\x89\nBcc: x@example.org"),
	PAYLOAD(true, "a\r\r\nb"),
	PAYLOAD(true, "a\r\n=?utf-8?q?x?="),
	PAYLOAD(true, "=?utf-8?q?x?=\r\nBcc: x@example.org"),
	PAYLOAD(true, "\"\r\nBcc: x@example.org\r\nX: \""),
	PAYLOAD(true, "<\r\nBcc: x@example.org>"),
	/* NUL and the other controls */
	PAYLOAD(true, "\0"),
	PAYLOAD(true, "a\0b"),
	PAYLOAD(true, "a\0\r\nBcc: x@example.org"),
	PAYLOAD(true, "\x01"),
	PAYLOAD(true, "a\x08\x08"),
	PAYLOAD(true, "a\tb"),
	PAYLOAD(true, "a\x0b"
		      "Bcc: x@example.org"),
	PAYLOAD(true, "a\x0c"
		      "Bcc: x@example.org"),
	PAYLOAD(true, "a\x1a"),
	PAYLOAD(true, "a\x1b[2J"),
	PAYLOAD(true, "a\x1c"
		      "b"),
	PAYLOAD(true, "a\x1d"
		      "b"),
	PAYLOAD(true, "a\x1e"
		      "b"),
	PAYLOAD(true, "a\x1f"
		      "b"),
	PAYLOAD(true, "a\x7f"
		      "b"),
	/* C1 and Unicode's own line ends */
	PAYLOAD(true, "a\xc2\x85"
		      "Bcc: x@example.org"),
	PAYLOAD(true, "a\xc2\x80"),
	PAYLOAD(true, "a\xc2\x9b"
		      "2J"),
	PAYLOAD(true, "a\xc2\x9f"),
	PAYLOAD(true, "a\xe2\x80\xa8"
		      "Bcc: x@example.org"),
	PAYLOAD(true, "a\xe2\x80\xa9"
		      "Bcc: x@example.org"),
	/* what reads as what it is not */
	PAYLOAD(true, "a\xe2\x80\xae"
		      "gro.elpmaxe@x"),
	PAYLOAD(true, "a\xe2\x80\xaa"),
	PAYLOAD(true, "a\xe2\x80\xab"),
	PAYLOAD(true, "a\xe2\x80\xac"),
	PAYLOAD(true, "a\xe2\x80\xad"),
	PAYLOAD(true, "a\xe2\x81\xa6"),
	PAYLOAD(true, "a\xe2\x81\xa7"),
	PAYLOAD(true, "a\xe2\x81\xa8"),
	PAYLOAD(true, "a\xe2\x81\xa9"),
	/* not UTF-8: overlong CR and LF, surrogates, halves, latin-1 NEL */
	PAYLOAD(true, "a\xc0\x8d\xc0\x8a"
		      "Bcc: x@example.org"),
	PAYLOAD(true, "a\xe0\x80\x8d\xe0\x80\x8a"
		      "Bcc: x@example.org"),
	PAYLOAD(true, "a\xed\xa0\x8d"),
	PAYLOAD(true, "a\xf5\x80\x80\x80"),
	PAYLOAD(true, "a\xc3"),
	PAYLOAD(true, "a\xe9"),
	PAYLOAD(true, "a\x85"
		      "Bcc: x@example.org"),
	PAYLOAD(true, "\xff\xfe\r\0\n\0"),
	PAYLOAD(true, "+ADw-\r\n"),
	/* encoded forms, which must come out as they went in */
	PAYLOAD(false, "a%0d%0aBcc: x@example.org"),
	PAYLOAD(false, "a%0D%0ABcc:%20x@example.org"),
	PAYLOAD(false, "a%250d%250aBcc: x@example.org"),
	PAYLOAD(false, "a=0D=0ABcc: x@example.org"),
	PAYLOAD(false, "a\\r\\nBcc: x@example.org"),
	PAYLOAD(false, "a&#13;&#10;Bcc: x@example.org"),
	PAYLOAD(false, "a&#x0d;&#x0a;Bcc: x@example.org"),
	PAYLOAD(false, "a\\u000d\\u000aBcc: x@example.org"),
	PAYLOAD(false, "=?utf-8?q?a=0D=0ABcc:_x@example.org?="),
	PAYLOAD(false, "=?utf-8?b?YQ0KQmNjOiB4QGV4YW1wbGUub3Jn?="),
	PAYLOAD(false, "=?iso-8859-1?q?=0D=0ABcc:_x@example.org?="),
	PAYLOAD(false, "a\xe5\x98\x8a\xe5\x98\x8d"
		       "Bcc: x@example.org"),
	PAYLOAD(false, "a\xc4\x8a\xc4\x8d"
		       "Bcc: x@example.org"),
	PAYLOAD(false, "UTF-8''a%0D%0ABcc:%20x@example.org"),
	/* the grammar of each field */
	PAYLOAD(false, "a, x@example.org"),
	PAYLOAD(false, "a <x@example.org>"),
	PAYLOAD(false, "a\" <x@example.org>, \"b"),
	PAYLOAD(false, "a\\\" <x@example.org>, \\\"b"),
	PAYLOAD(false, "a\\"),
	PAYLOAD(false, "a) <x@example.org> ("),
	PAYLOAD(false, "a>, <x@example.org"),
	PAYLOAD(false, "a; charset=utf-7"),
	PAYLOAD(false, "a\"; filename=\"b.exe"),
	PAYLOAD(false, "g: x@example.org;"),
	PAYLOAD(false, "Bcc: x@example.org"),
	PAYLOAD(false, " Bcc: x@example.org"),
	PAYLOAD(false, "?="),
	PAYLOAD(false, "=?"),
	PAYLOAD(false, "."),
	PAYLOAD(false, ".."),
	PAYLOAD(false, "--=_boundary--"),
};
enum { PAYLOADS = sizeof payloads / sizeof *payloads };
#endif
