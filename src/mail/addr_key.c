#include "mail/addr.h"
#include <unicase.h>
#include <uninorm.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "mail/domain.h"
#include "mail/mail_private.h"

static int too_long(struct fail *f)
{
	return fail_set(f, FAIL_DATA, _("the address is too long"));
}

/* The text that a quoted string stands for. */
static size_t unquote(struct view quoted, char out[ADDR_LOCAL_MAX])
{
	size_t len = 0;

	for (size_t i = 1; i + 1 < quoted.len; i++) {
		if (quoted.p[i] == '\\')
			i++;
		out[len++] = quoted.p[i];
	}
	return len;
}

static bool is_dot_string(struct view text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '.' ? i == 0 || i + 1 == text.len || text.p[i - 1] == '.'
			     : !mail_is_atext(c) && (c & 0x80) == 0)
			return false;
	}
	return text.len > 0;
}

/* NULL as the language: no Turkish or Lithuanian rules, whatever the locale. */
static void add_folded(struct str *out, struct view text)
{
	uint8_t room[ADDR_KEY_MAX];
	size_t len = sizeof room;
	uint8_t *folded;

	folded = u8_casefold((const uint8_t *)text.p, text.len, NULL, UNINORM_NFC, room, &len);
	if (folded == NULL)
		mem_out();
	(void)str_add(out, folded, len);
	if (folded != room)
		free(folded);
}

static void add_local(struct str *out, struct view local)
{
	char room[ADDR_LOCAL_MAX];
	struct str spelled;

	if (local.len > 1 && local.p[0] == '"') {
		struct view text = view_make(room, unquote(local, room));

		str_init(&spelled, ADDR_KEY_MAX);
		if (is_dot_string(text))
			(void)str_addv(&spelled, text);
		else
			mail_add_quoted(&spelled, text);
		add_folded(out, str_view(&spelled));
		str_free(&spelled);
	} else if (mail_is_ascii(local)) {
		mail_add_lower(out, local);
	} else {
		add_folded(out, local);
	}
}

int addr_key(const struct addr *a, struct str *out, struct fail *f)
{
	if (a->domain.len == 0)
		return 0;
	add_local(out, a->local);
	if (str_addc(out, '@') < 0)
		return too_long(f);
	return domain_ascii(a->domain, out, f);
}

int addr_normalise(struct view in, unsigned flags, struct str *key, struct fail *f)
{
	struct addr a;

	return addr_parse(in, flags, &a, f) < 0 ? -1 : addr_key(&a, key, f);
}

int addr_wire(const struct addr *a, struct str *out, bool *utf8, struct fail *f)
{
	if (utf8 != NULL)
		*utf8 = !mail_is_ascii(a->local);
	if (a->domain.len == 0)
		return 0;
	(void)str_addv(out, a->local);
	if (str_addc(out, '@') < 0)
		return too_long(f);
	return domain_ascii(a->domain, out, f);
}
