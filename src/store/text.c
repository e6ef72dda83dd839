#include "store/text.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "store/list.h"
#include "store/store_private.h"

enum { NAMES_SHOWN_MAX = 400 }; /* bytes of names in one message */

int store_check_name(struct view name, struct fail *f)
{
	char shown[STORE_SHOWN_SIZE];
	bool good = name.len > 0 && name.len <= STORE_LIST_NAME_MAX;

	for (size_t i = 0; good && i < name.len; i++) {
		char c = name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || ascii_is_digit(c);

		good = plain || (i > 0 && (c == '.' || c == '_' || c == '-'));
	}
	if (good)
		return 0;
	return fail_set(f, FAIL_DATA,
		_("\"%s\" cannot be a name: use 1 to %d of the characters a-z, 0-9, \".\", \"_\" "
		  "and \"-\", with a letter or digit first"),
		store_shown(name, shown), STORE_LIST_NAME_MAX);
}

int store_check_text(struct view text, size_t max, const char *what, struct fail *f)
{
	uint32_t cp;
	int step;

	if (text.len > max)
		return fail_set(
			f, FAIL_DATA, _("%s is too long: at most %zu bytes are kept"), what, max);
	while ((step = utf8_next(&text, &cp)) > 0) {
		if (utf8_is_control(cp))
			return fail_set(f, FAIL_DATA,
				_("%s has a control character in it (U+%04X): remove it"), what,
				(unsigned)cp);
	}
	if (step == 0)
		return 0;
	return fail_set(f, FAIL_DATA, _("%s is not valid UTF-8: save the file as UTF-8"), what);
}

static bool json_hex(struct view v)
{
	return v.len == 4 && ascii_hex(v.p[0]) >= 0 && ascii_hex(v.p[1]) >= 0 &&
	       ascii_hex(v.p[2]) >= 0 && ascii_hex(v.p[3]) >= 0;
}

/* Takes a JSON string (RFC 8259 section 7) off *in. Its UTF-8 is checked by the caller. */
static bool json_string(struct view *in)
{
	if (in->len == 0 || in->p[0] != '"')
		return false;
	for (size_t i = 1; i < in->len; i++) {
		unsigned char c = (unsigned char)in->p[i];

		if (c == '"') {
			*in = view_from(*in, i + 1);
			return true;
		}
		if (c < 0x20)
			return false;
		if (c != '\\')
			continue;
		if (++i >= in->len || view_chr(VIEW("\"\\/bfnrtu"), in->p[i]) < 0)
			return false;
		if (in->p[i] != 'u')
			continue;
		if (!json_hex(view_sub(*in, i + 1, 4)))
			return false;
		i += 4;
	}
	return false;
}

static bool json_byte(struct view *in, char c)
{
	*in = view_trim(*in);
	if (in->len == 0 || in->p[0] != c)
		return false;
	*in = view_from(*in, 1);
	return true;
}

static bool json_texts(struct view in)
{
	if (!json_byte(&in, '{'))
		return false;
	if (json_byte(&in, '}'))
		return view_trim(in).len == 0;
	do {
		in = view_trim(in);
		if (!json_string(&in) || !json_byte(&in, ':'))
			return false;
		in = view_trim(in);
		if (!json_string(&in))
			return false;
	} while (json_byte(&in, ','));
	return json_byte(&in, '}') && view_trim(in).len == 0;
}

int store_check_fields(struct view fields, struct fail *f)
{
	if (view_is(fields, "{}"))
		return 0;
	if (fields.len > STORE_FIELDS_MAX)
		return fail_set(f, FAIL_DATA,
			_("the fields of a contact are too long: at most %d bytes are kept"),
			STORE_FIELDS_MAX);
	if (utf8_valid(fields, NULL) && json_texts(fields))
		return 0;
	return fail_set(f, FAIL_DATA, _("the fields of a contact are not a JSON object of texts"));
}

const char *store_shown(struct view text, char out[STORE_SHOWN_SIZE])
{
	struct str clean;

	str_init(&clean, STORE_SHOWN_SIZE - 1);
	(void)utf8_clean(&clean, view_sub(text, 0, utf8_floor(text, STORE_SHOWN_SIZE / 3 - 1)));
	memcpy(out, clean.p, clean.len + 1);
	str_free(&clean);
	return out;
}

int store_names_find(struct store *s, enum store_query query, struct view wanted,
	struct store_names *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, query, NULL, f);
	struct suggest near;
	int step = -1;

	str_init(&out->all, NAMES_SHOWN_MAX);
	str_init(&out->near, STORE_LIST_NAME_MAX);
	suggest_start(&near, wanted);
	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct view name = db_text(stmt, 0);

		if (str_ok(&out->all) && out->all.len > 0)
			(void)str_addz(&out->all, ", ");
		(void)str_addv(&out->all, name);
		if (!suggest_offer(&near, name))
			continue;
		str_clear(&out->near);
		(void)str_addv(&out->near, name);
	}
	if (!str_ok(&out->all)) {
		out->all.over = false;
		str_cut(&out->all, NAMES_SHOWN_MAX - 8);
		(void)str_addz(&out->all, " ...");
	}
	return step;
}

void store_names_free(struct store_names *n)
{
	str_free(&n->all);
	str_free(&n->near);
}
