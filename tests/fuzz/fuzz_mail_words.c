#include <assert.h>
#include "base/utf8.h"
#include "mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const charsets[] = {"utf-8", "iso-8859-1", "gb2312", "big5", "x-sjis", "euc-jp",
	"iso-2022-jp", "ks_c_5601-1987", "iso-2022-kr", "unicode-1-1-utf-7", "utf-16", "utf-32",
	"koi8-r", "windows-1258", "tis-620", "iso-2022-cn", "x-nobody", ""};
enum { CHARSETS = sizeof charsets / sizeof *charsets };

static void check(struct view text)
{
	assert(utf8_valid(text, NULL));
	assert(text.len == 0 || memchr(text.p, '\0', text.len) == NULL);
}

static void read_with(struct message *m, struct arena *a, struct str *text, const char *header,
	const char *end, struct view data)
{
	(void)str_addz(text, header);
	(void)str_addz(text, end);
	(void)str_addv(text, data);
	message_read(str_view(text), a, m);
}

/* The first octet chooses: a value with encoded words, parameters, HTML, or a text in a charset.
 * Out of each comes UTF-8, and no word holds a line end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct message m;
	struct str text;
	unsigned choice = size > 0 ? data[0] : 0;
	struct view value;

	if (size < 1)
		return 0;
	arena_init(&a);
	str_init(&text, size + 200);
	value = view_make((const char *)data + 1, size - 1);
	if (choice < CHARSETS) {
		(void)str_addz(&text, "Content-Type: text/plain; charset=");
		read_with(&m, &a, &text, charsets[choice], "\n\n", value);
		check(message_body(&m, m.root));
	} else if (choice < CHARSETS + 1) {
		read_with(&m, &a, &text, "Content-Type: text/html", "\n\n", value);
		check(message_words(&m, m.root));
	} else if (choice < CHARSETS + 2) {
		read_with(&m, &a, &text, "Content-Disposition", ": attachment;", value);
		check(message_param(&m, m.root, "Content-Disposition", "filename"));
	} else {
		struct view words;

		message_read(VIEW(""), &a, &m);
		words = message_decode(&m, value);
		check(words);
		assert(view_chr(words, '\n') < 0 && view_chr(words, '\r') < 0);
	}
	str_free(&text);
	arena_free(&a);
	return 0;
}
