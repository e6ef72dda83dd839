#include "tmpl/tmpl_private.h"
#include "base/fail.h"
#include "base/i18n.h"

#define FENCE	   "---"
#define TEXT_FENCE "--- text ---"

static const char *const keys[FRONT_COUNT + 1] = {
	[FRONT_SUBJECT] = "subject",
	[FRONT_PREHEADER] = "preheader",
	[FRONT_FROM] = "from",
	[FRONT_REPLY_TO] = "reply_to",
	[FRONT_FORMAT] = "format",
	[FRONT_LANGUAGE] = "language",
	[FRONT_COUNT] = NULL,
};

const char *tmpl_front_key_name(enum front_key key)
{
	return keys[key];
}

static struct view trim_end(struct view v)
{
	while (v.len > 0 && ascii_is_space(v.p[v.len - 1]))
		v.len--;
	return v;
}

static int unknown_key(struct source *s, struct view key, struct fail *f)
{
	const char *near = tmpl_name_nearest(key, keys);

	key = tmpl_source_shown(key);
	if (near != NULL)
		return tmpl_source_fail(s, key.p, f,
			_("unknown key \"%.*s\"; did you mean \"%s\"?"), VIEW_ARG(key), near);
	return tmpl_source_fail(s, key.p, f,
		_("unknown key \"%.*s\"; there are subject, preheader, from, reply_to, format and "
		  "language"),
		VIEW_ARG(key));
}

/* Takes the quotes off. There are no escapes, so positions stay true; a value
 * with both kinds of quotes is written plain. */
static int unquote(struct source *s, struct view *value, struct fail *f)
{
	struct view v = *value, inside, after;
	ptrdiff_t end;

	if (v.len == 0 || (v.p[0] != '"' && v.p[0] != '\''))
		return 0;
	end = view_chr(view_from(v, 1), v.p[0]);
	if (end < 0)
		return tmpl_source_fail(
			s, v.p, f, _("this quote is not closed before the end of the line"));
	inside = view_sub(v, 1, (size_t)end);
	after = view_trim(view_from(v, (size_t)end + 2));
	if (after.len > 0)
		return tmpl_source_fail(s, after.p, f,
			_("nothing may follow the closing quote; to write quotes inside a value, "
			  "leave out those around it or use the other kind"));
	*value = inside;
	return 0;
}

static int read_pair(struct source *s, struct view line, struct front *out, struct fail *f)
{
	ptrdiff_t colon = view_chr(line, ':'), tab;
	struct view key, value;
	size_t k = 0;

	if (colon < 0 || ascii_is_space(line.p[0]))
		return tmpl_source_fail(s, line.p, f,
			_("a line of the front matter reads \"key: value\" and starts at the "
			  "margin"));
	key = trim_end(view_sub(line, 0, (size_t)colon));
	value = view_trim(view_from(line, (size_t)colon + 1));
	while (k < FRONT_COUNT && !view_is(key, keys[k]))
		k++;
	if (k == FRONT_COUNT)
		return unknown_key(s, key, f);
	if (out->value[k].p != NULL)
		return tmpl_source_fail(
			s, line.p, f, _("the key \"%s\" stands here twice"), keys[k]);
	if (value.len == 0)
		return tmpl_source_fail(s, line.p, f,
			_("\"%s\" has no value; write one on this line or delete the line"),
			keys[k]);
	if (view_is(value, "|") || view_is(value, ">"))
		return tmpl_source_fail(
			s, value.p, f, _("a value stands on one line, behind its key"));
	if (unquote(s, &value, f) < 0)
		return -1;
	tab = view_chr(value, '\t');
	if (tab >= 0)
		return tmpl_source_fail(s, value.p + tab, f,
			_("a tab stands in this value; write a space instead"));
	out->value[k] = value;
	return 0;
}

static int check_format(struct source *s, struct front *out, struct fail *f)
{
	struct view v = out->value[FRONT_FORMAT];

	if (v.p == NULL)
		out->value[FRONT_FORMAT] = VIEW("markdown");
	else if (view_is(v, "html"))
		out->html = true;
	else if (!view_is(v, "markdown"))
		return tmpl_source_fail(s, v.p, f, _("the format is \"markdown\" or \"html\""));
	return 0;
}

/* BCP 47 in outline: a language, then parts of up to eight letters or digits. */
static bool is_language(struct view v)
{
	struct view part;
	bool first = true;

	if (v.len == 0 || v.len > TMPL_NAME_MAX)
		return false;
	while (view_split(&v, '-', &part)) {
		if (part.len < (first ? 2 : 1) || part.len > 8)
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (first ? !ascii_is_alpha(part.p[i]) : !ascii_is_alnum(part.p[i]))
				return false;
		first = false;
	}
	return true;
}

static int check_values(struct source *s, struct front *out, struct fail *f)
{
	static const enum front_key plain[] = {FRONT_FROM, FRONT_REPLY_TO};

	if (out->value[FRONT_SUBJECT].p == NULL || out->value[FRONT_SUBJECT].len == 0)
		return tmpl_source_fail_at(s, 1, 1, f,
			_("the front matter has no subject; add a line \"subject: …\""));
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		struct view v = out->value[plain[i]];
		ptrdiff_t tag = view_find(v, VIEW("{{"));

		if (tag >= 0)
			return tmpl_source_fail(s, v.p + tag, f,
				_("\"%s\" is the same for everybody: no tags here"),
				keys[plain[i]]);
	}
	if (out->value[FRONT_LANGUAGE].p == NULL)
		out->value[FRONT_LANGUAGE] = VIEW("fr");
	else if (!is_language(out->value[FRONT_LANGUAGE]))
		return tmpl_source_fail(s, out->value[FRONT_LANGUAGE].p, f,
			_("a language is a code such as fr, en or fr-NC"));
	return check_format(s, out, f);
}

/* Cuts the author's own text part off the body. */
static int cut_text(struct source *s, struct front *out, struct fail *f)
{
	struct view rest = out->body, line;

	while (rest.len > 0 && view_line(&rest, &line)) {
		if (!view_is(trim_end(line), TEXT_FENCE))
			continue;
		if (out->text.p != NULL)
			return tmpl_source_fail(s, line.p, f,
				_("the line \"%s\" stands here a second time"), TEXT_FENCE);
		out->body.len = (size_t)(line.p - out->body.p);
		out->text = view_make(
			line.p + line.len, (size_t)(s->text.p + s->text.len - (line.p + line.len)));
		while (out->text.len > 0 && out->text.p[0] == '\n')
			out->text = view_from(out->text, 1);
	}
	if (view_trim(out->body).len == 0)
		return tmpl_source_fail(s, out->body.p, f,
			_("there is no body; write the message after the front matter"));
	if (out->text.p != NULL && view_trim(out->text).len == 0)
		return tmpl_source_fail(s, out->text.p, f,
			_("the text part is empty; write it, or delete the line \"%s\" and one is "
			  "made from the body"),
			TEXT_FENCE);
	return 0;
}

int tmpl_front_read(struct source *s, struct front *out, struct fail *f)
{
	struct view rest = s->text, line = {0};

	*out = (struct front){0};
	if (!view_line(&rest, &line) || !view_is(trim_end(line), FENCE))
		return tmpl_source_fail_at(s, 1, 1, f,
			_("a template starts with a line \"---\", then \"subject: …\", then "
			  "\"---\" "
			  "again; then comes the message"));
	for (;;) {
		if (rest.len == 0)
			return tmpl_source_fail_at(s, 1, 1, f,
				_("the front matter that starts here is not closed by a line "
				  "\"---\""));
		(void)view_line(&rest, &line);
		if (view_is(trim_end(line), FENCE))
			break;
		if (view_trim(line).len == 0 || line.p[0] == '#')
			continue;
		if (read_pair(s, line, out, f) < 0)
			return -1;
	}
	if (check_values(s, out, f) < 0)
		return -1;
	out->body = view_make(rest.len > 0 ? rest.p : s->text.p + s->text.len, rest.len);
	return cut_text(s, out, f);
}
