#include "fetch/mbox.h"

void mbox_init(struct mbox *m, size_t body_max)
{
	*m = (struct mbox){0};
	str_init(&m->from, MBOX_FROM_MAX + 1);
	str_init(&m->next, MBOX_FROM_MAX + 1);
	str_init(&m->line, MBOX_FROM_MAX + 1);
	str_init(&m->body, body_max);
}

void mbox_free(struct mbox *m)
{
	str_free(&m->from);
	str_free(&m->next);
	str_free(&m->line);
	str_free(&m->body);
}

static bool digits_at(struct view v, size_t at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (at + i >= v.len || !ascii_is_digit(v.p[at + i]))
			return false;
	return true;
}

/* "10:47" and, somewhere, "2026". */
static bool has_time(struct view line)
{
	bool time = false, year = false;

	for (size_t i = 0; i < line.len; i++) {
		time = time || (digits_at(line, i, 2) && i + 2 < line.len && line.p[i + 2] == ':' &&
				       digits_at(line, i + 3, 2));
		year = year || (i > 0 && line.p[i - 1] == ' ' && digits_at(line, i, 4));
	}
	return time && year;
}

bool mbox_begins(struct view bytes)
{
	return view_starts(bytes, VIEW("From "));
}

static void put(struct mbox *m, struct view bytes)
{
	size_t room = m->body.max - m->body.len;

	m->size += bytes.len;
	m->cut = m->cut || bytes.len > room;
	(void)str_addv(&m->body, view_sub(bytes, 0, room));
}

static void put_blank(struct mbox *m)
{
	if (m->blank != MBOX_NO_BLANK)
		put(m, m->blank == MBOX_LF ? VIEW("\n") : VIEW("\r\n"));
	m->blank = MBOX_NO_BLANK;
}

static struct view without_end(struct view line)
{
	if (view_ends(line, VIEW("\n")))
		line.len--;
	if (view_ends(line, VIEW("\r")))
		line.len--;
	return line;
}

static bool begins_message(const struct mbox *m, struct view line)
{
	if (m->any && m->blank == MBOX_NO_BLANK && m->size > 0)
		return false;
	return mbox_begins(line) && (!m->strict || has_time(line));
}

/* 1: the message before it is whole. */
static int begin_message(struct mbox *m, struct view line)
{
	bool had = m->any;

	if (!m->any)
		m->strict = has_time(line);
	m->any = true;
	m->blank = MBOX_NO_BLANK;
	str_clear(&m->next);
	(void)str_addv(&m->next, without_end(line));
	if (had) {
		m->whole = true;
		return 1;
	}
	(void)str_addv(&m->from, str_view(&m->next));
	return 0;
}

static bool is_quoted(struct view line)
{
	size_t n = 0;

	while (n < line.len && line.p[n] == '>')
		n++;
	return n > 0 && mbox_begins(view_from(line, n));
}

/* The beginning of a line, all of it where `ends`. 1: it begins another message. */
static int look(struct mbox *m, bool ends)
{
	struct view line = str_view(&m->line);
	int ret = 0;

	if (ends && begins_message(m, line)) {
		ret = begin_message(m, line);
	} else if (ends && m->any && without_end(line).len == 0) {
		put_blank(m);
		m->blank = line.len == 1 ? MBOX_LF : MBOX_CRLF;
	} else if (m->any) {
		put_blank(m);
		put(m, is_quoted(line) ? view_from(line, 1) : line);
	}
	m->inside = !ends;
	str_clear(&m->line);
	return ret;
}

/* The next message has begun already: its From_ line is known. */
static void restart(struct mbox *m)
{
	m->whole = false;
	m->cut = false;
	m->size = 0;
	str_clear(&m->body);
	str_clear(&m->from);
	(void)str_addv(&m->from, str_view(&m->next));
}

int mbox_take(struct mbox *m, struct view *in)
{
	if (m->whole)
		restart(m);
	while (in->len > 0) {
		ptrdiff_t lf = view_chr(*in, '\n');
		size_t len = lf < 0 ? in->len : (size_t)lf + 1;
		struct view part;

		if (m->inside) {
			part = view_take(in, len);
			if (m->any)
				put(m, part);
			m->inside = lf < 0;
			continue;
		}
		if (len > MBOX_FROM_MAX - m->line.len) {
			len = MBOX_FROM_MAX - m->line.len;
			lf = -1;
		}
		(void)str_addv(&m->line, view_take(in, len));
		if ((lf >= 0 || m->line.len == MBOX_FROM_MAX) && look(m, lf >= 0) > 0)
			return 1;
	}
	return 0;
}

int mbox_end(struct mbox *m)
{
	if (m->whole)
		restart(m);
	if (m->line.len > 0 && look(m, false) > 0)
		return 1;
	if (!m->any)
		return 0;
	m->any = false;
	m->blank = MBOX_NO_BLANK;
	return 1;
}
