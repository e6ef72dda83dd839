#include "cmd/steps.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "cmd/out.h"
#include "net/peer.h"
#include "net/reach.h"

enum { TEST_WIDTH = 80, TEST_MARK = 9, TEST_TITLE = 12, TEST_INDENT = TEST_MARK + TEST_TITLE };

static void pad(const char *text, size_t width, struct str *out)
{
	size_t have = utf8_width(view_of(text));

	(void)str_addz(out, text);
	for (; have < width; have++)
		(void)str_addc(out, ' ');
}

/* The words of a text behind `head`, in as many lines as they need. */
static void print_wrapped(const char *head, const char *text)
{
	struct view rest = view_of(text), word;
	size_t column = TEST_INDENT;
	struct str line;

	str_init(&line, FAIL_TEXT_MAX * 16);
	pad(head, TEST_INDENT, &line);
	while (view_split(&rest, ' ', &word)) {
		size_t width = utf8_width(word);

		if (column > TEST_INDENT && column + 1 + width > TEST_WIDTH) {
			out_line("%s", line.p);
			str_clear(&line);
			pad("", TEST_INDENT, &line);
			column = TEST_INDENT;
		} else if (column > TEST_INDENT) {
			(void)str_addc(&line, ' ');
			column++;
		}
		(void)str_addv(&line, word);
		column += width;
	}
	out_line("%s", line.p);
	str_free(&line);
}

static void tell_words(const struct step *step)
{
	static const char *const marks[] = {
		[STEP_OK] = N_("ok"), [STEP_WARNING] = N_("notice"), [STEP_FAILED] = N_("FAILED")};
	struct str head;

	str_init(&head, FAIL_TEXT_MAX);
	pad(_(marks[step->result]), TEST_MARK, &head);
	(void)str_addz(&head, step->title);
	print_wrapped(head.p, step->text);
	if (step->advice[0] != '\0') {
		str_clear(&head);
		(void)str_addf(&head, _("What to do: %s."), step->advice);
		print_wrapped("", head.p);
	}
	(void)fflush(stdout);
	str_free(&head);
}

void steps_tell(json_t *steps, const struct step *step)
{
	static const char *const results[] = {
		[STEP_OK] = "ok", [STEP_WARNING] = "warning", [STEP_FAILED] = "failed"};

	if (steps == NULL)
		tell_words(step);
	else
		(void)json_array_append_new(
			steps, json_pack("{s:s, s:s, s:s, s:s, s:s}", "step", step->name, "result",
				       results[step->result], "code", step->code, "text",
				       step->text, "advice", step->advice));
}

json_t *steps_peer(const struct net_peer *peer)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	if (!peer->seen)
		return json_null();
	time_iso(peer->not_before, from);
	time_iso(peer->not_after, to);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:I}", "version", peer->version,
		"cipher", peer->cipher, "subject", peer->subject, "issuer", peer->issuer, "names",
		peer->names, "not_before", from, "not_after", to, "self_signed", peer->self_signed,
		"days_left", (json_int_t)((peer->not_after - time_now()) / TIME_DAY));
}

json_t *steps_addresses(const struct vec *addresses)
{
	json_t *out = json_array();

	for (size_t i = 0; i < addresses->len; i++)
		(void)json_array_append_new(
			out, json_string(((const struct net_address *)vec_at(addresses, i))->text));
	return out;
}
