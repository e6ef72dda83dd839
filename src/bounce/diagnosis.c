#include "bounce/read_private.h"

static bool is_edge(struct view v, size_t at)
{
	return at >= v.len || !(ascii_is_alnum(v.p[at]) || v.p[at] == '.' || v.p[at] == '_');
}

static size_t number(struct view v, size_t at)
{
	size_t n = 0;

	while (n < 4 && at + n < v.len && ascii_is_digit(v.p[at + n]))
		n++;
	return n;
}

/* The length of x.y.z there, or 0. */
static size_t status_length(struct view v, size_t at)
{
	size_t b = number(v, at + 2), c;

	if (v.p[at] < '2' || v.p[at] > '5' || v.p[at] == '3' || at + 4 >= v.len ||
		v.p[at + 1] != '.' || b == 0 || b > 3 || at + 2 + b >= v.len ||
		v.p[at + 2 + b] != '.')
		return 0;
	c = number(v, at + 3 + b);
	if (c == 0 || c > 3 || (at > 0 && !is_edge(v, at - 1)))
		return 0;
	at += 3 + b + c;
	/* "5.1.1." ends a sentence, "5.1.1.7" is an address. */
	if (at < v.len && v.p[at] == '.' && number(v, at + 1) == 0)
		return 3 + b + c;
	return is_edge(v, at) ? 3 + b + c : 0;
}

struct view diagnosis_status(struct view text)
{
	for (size_t i = 0; i + 4 < text.len; i++) {
		size_t len = status_length(text, i);

		if (len > 0)
			return view_sub(text, i, len);
	}
	return VIEW("");
}

static bool is_code(struct view v, size_t at)
{
	return number(v, at) == 3 && (v.p[at] == '4' || v.p[at] == '5') && v.p[at + 1] <= '7' &&
	       (at == 0 || (is_edge(v, at - 1) && v.p[at - 1] != '-' && v.p[at - 1] != ':')) &&
	       (at + 3 >= v.len || strchr(" -:'\r\n#]", v.p[at + 3]) != NULL);
}

/* The status that a server gave with its reply stands right behind the code. */
static struct view status_behind(struct view text, size_t code_at)
{
	enum { MARKS_MAX = 5 };
	size_t at = code_at + 3, len;

	while (at < text.len && strchr(" -:'#(\t\r\n", text.p[at]) != NULL &&
		at < code_at + 3 + MARKS_MAX)
		at++;
	len = at + 4 < text.len ? status_length(text, at) : 0;
	return view_sub(text, at, len);
}

/* One of the class of the reply, anywhere behind it: "(#5.1.1)". */
static struct view status_of_class(struct view text, char klass)
{
	struct view rest = text, found;

	while ((found = diagnosis_status(rest)).len > 0) {
		if (found.p[0] == klass)
			return found;
		rest = view_from(text, (size_t)(found.p - text.p) + found.len);
	}
	return VIEW("");
}

static int code_at(struct view text, size_t at)
{
	uint64_t code = 0;

	(void)view_u64(view_sub(text, at, 3), 599, &code);
	return (int)code;
}

/* The first code counts, but one with a status right behind it says more. */
void diagnosis_read(struct view text, struct diagnosis *out)
{
	*out = (struct diagnosis){.reply = text};
	for (size_t i = 0; i + 2 < text.len && out->status.len == 0; i++) {
		struct view status;

		if (!ascii_is_digit(text.p[i]) || !is_code(text, i))
			continue;
		status = status_behind(text, i);
		if (out->code != 0 && status.len == 0)
			continue;
		if (out->code == 0)
			out->reply = view_from(text, i);
		out->code = code_at(text, i);
		out->status = status;
	}
	if (out->status.len == 0 && out->code != 0)
		out->status = status_of_class(out->reply, out->reply.p[0]);
	if (out->status.len == 0)
		out->status = diagnosis_status(text);
}

static enum bounce_command command_of_word(struct view word)
{
	if (view_starts_nocase(word, VIEW("RCPT")))
		return COMMAND_RCPT;
	if (view_starts_nocase(word, VIEW("MAIL")))
		return COMMAND_MAIL;
	if (view_starts_nocase(word, VIEW("DATA")))
		return COMMAND_DATA;
	if (view_starts_nocase(word, VIEW("EHLO")) || view_starts_nocase(word, VIEW("HELO")))
		return COMMAND_CONNECT;
	return COMMAND_NONE;
}

/* ">>> RCPT TO:<...>" and then "<<< 550 no": what a transcript shows. */
static enum bounce_command command_of_transcript(struct view text)
{
	enum bounce_command last = COMMAND_NONE;
	struct view line;

	while (text.len > 0 && view_line(&text, &line)) {
		line = view_trim(line);
		while (view_starts(line, VIEW("> ")))
			line = view_trim(view_from(line, 2));
		if (view_starts(line, VIEW(">>>")))
			last = command_of_word(view_trim(
				view_from(line, line.len > 3 && line.p[3] == '>' ? 4 : 3)));
		else if (view_starts(line, VIEW("<<<")) && last != COMMAND_NONE)
			return last;
	}
	return COMMAND_NONE;
}

enum bounce_command diagnosis_command(const struct match_text *words, struct view text)
{
	const struct bounce_row *row = match_first(words, TABLE_COMMANDS);

	if (row != NULL)
		return (enum bounce_command)row->value;
	return command_of_transcript(text);
}

struct view diagnosis_command_name(enum bounce_command command)
{
	static const char *const name[] = {"", "CONNECT", "MAIL", "RCPT", "DATA"};

	return view_of(name[command]);
}
