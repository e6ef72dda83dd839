#include "returns/event_scan.h"
#include "base/i18n.h"

static const char mark[] = "\xEF\xBB\xBF";

void event_scan_init(struct event_scan *s)
{
	*s = (struct event_scan){.here = {1, 1}, .line_start = true};
	str_init(&s->bytes, EVENT_SIZE_MAX);
}

void event_scan_free(struct event_scan *s)
{
	str_free(&s->bytes);
}

/* The first thing that is wrong is the one that is told. */
static void wrong(struct event_scan *s, const char *words, struct event_spot at)
{
	if (s->piece.wrong != NULL)
		return;
	s->piece.wrong = words;
	s->piece.wrong_at = at;
}

static void begin(struct event_scan *s, enum event_scan_state state)
{
	s->state = state;
	str_clear(&s->bytes);
	s->piece = (struct event_piece){.at = s->here};
	s->depth = 0;
	s->deep = 0;
	s->is_list = 0;
	s->in_text = false;
	s->escaped = false;
	s->last = '\0';
}

/* What is there so far is given out; the bytes stay until the next call. */
static int finish(struct event_scan *s, struct event_piece *out)
{
	s->state = EVENT_SCAN_BETWEEN;
	s->piece.more = false;
	s->piece.bytes = view_trim(str_view(&s->bytes));
	*out = s->piece;
	s->out = true;
	return 1;
}

static void open_bracket(struct event_scan *s, char c)
{
	if (s->depth == EVENT_DEPTH_MAX) {
		wrong(s, N_("it is nested too deeply"), s->here);
		s->deep++;
		return;
	}
	if (c == '[')
		s->is_list |= UINT32_C(1) << s->depth;
	else
		s->is_list &= ~(UINT32_C(1) << s->depth);
	s->depth++;
}

static bool top_is_list(const struct event_scan *s)
{
	return (s->is_list >> (s->depth - 1) & 1) != 0;
}

/* A bracket that fits no open one closes what was forgotten in between, or nothing. */
static void close_bracket(struct event_scan *s, char c)
{
	unsigned depth = s->depth;

	if (s->deep > 0) {
		s->deep--;
		return;
	}
	while (s->depth > 0 && top_is_list(s) != (c == ']'))
		s->depth--;
	if (s->depth != depth)
		wrong(s, N_("a bracket is closed that was not opened, or the other way round"),
			s->here);
	if (s->depth == 0)
		s->depth = depth;
	else
		s->depth--;
}

/* Whether an object that begins here cannot belong to the one being read. */
static bool is_another(const struct event_scan *s)
{
	if (s->deep > 0)
		return false;
	return top_is_list(s) ? s->last != '[' && s->last != ',' : s->last != ':';
}

/* Takes the byte in, or says that it belongs to what follows: 1. */
static int in_object(struct event_scan *s, char c)
{
	if (s->in_text) {
		if (c == '\n') {
			wrong(s, N_("a text has no closing \""), s->here);
			s->state = EVENT_SCAN_LOST;
		} else if (s->escaped) {
			s->escaped = false;
		} else if (c == '\\') {
			s->escaped = true;
		} else if (c == '"') {
			s->in_text = false;
		}
		return 0;
	}
	if (c == '{' && s->depth > 0 && is_another(s)) {
		wrong(s, N_("it has no end: another one begins"), s->here);
		return 1;
	}
	if (c == '{' || c == '[')
		open_bracket(s, c);
	else if (c == '}' || c == ']')
		close_bracket(s, c);
	else if (c == '"')
		s->in_text = true;
	if (!ascii_is_space(c))
		s->last = c;
	return 0;
}

/* The line that begins here, no further to the right than the object, is not of it. */
static int in_lost(const struct event_scan *s, char c)
{
	return s->line_start && s->here.column <= s->piece.at.column &&
	       (c == '{' || c == '[' || c == ']');
}

static void between(struct event_scan *s, char c)
{
	if (ascii_is_space(c) || c == ',')
		return;
	if (c == '[') {
		s->lists++;
	} else if (c == ']' && s->lists > 0) {
		s->lists--;
	} else if (c == '#' && s->line_start) {
		s->state = EVENT_SCAN_COMMENT;
	} else if (c == '{') {
		begin(s, EVENT_SCAN_OBJECT);
	} else {
		begin(s, EVENT_SCAN_STRAY);
		wrong(s, N_("this is no event: one begins with {"), s->here);
	}
}

static void step(struct event_scan *s, char c)
{
	if (c == '\n') {
		s->here.line++;
		s->here.column = 1;
		s->line_start = true;
		return;
	}
	if (((unsigned char)c & 0xC0) != 0x80)
		s->here.column++;
	if (!ascii_is_space(c))
		s->line_start = false;
}

/* One that is too long is given out in pieces. */
static int keep(struct event_scan *s, char c, struct event_piece *out)
{
	int full = 0;

	if (s->bytes.len == EVENT_SIZE_MAX) {
		wrong(s, N_("it is too long"), s->here);
		s->piece.more = true;
		s->piece.bytes = str_view(&s->bytes);
		*out = s->piece;
		full = 1;
	}
	if (full == 0)
		(void)str_addc(&s->bytes, c);
	return full;
}

/* Whether the byte is the next one of a byte order mark at the very beginning. */
static bool is_mark(struct event_scan *s, char c)
{
	if (s->mark < sizeof mark - 1 && s->here.line == 1 && s->here.column == 1 &&
		s->state == EVENT_SCAN_BETWEEN && c == mark[s->mark]) {
		s->mark++;
		return true;
	}
	s->mark = sizeof mark;
	return false;
}

/* 1: *out is there; *taken says whether the byte was read. */
static int one(struct event_scan *s, char c, bool *taken, struct event_piece *out)
{
	*taken = true;
	if (is_mark(s, c))
		return 0;
	if (s->state == EVENT_SCAN_BETWEEN)
		between(s, c);
	*taken = false;
	if ((s->state == EVENT_SCAN_LOST && in_lost(s, c)) ||
		(s->state == EVENT_SCAN_STRAY && s->bytes.len > 0 &&
			(c == '\n' || c == '{' || c == '[' || c == ']')))
		return finish(s, out);
	if (s->state == EVENT_SCAN_OBJECT || s->state == EVENT_SCAN_LOST ||
		s->state == EVENT_SCAN_STRAY) {
		if (keep(s, c, out) > 0) {
			s->out = true;
			return 1;
		}
	}
	if (s->state == EVENT_SCAN_OBJECT && in_object(s, c) > 0) {
		str_cut(&s->bytes, s->bytes.len - 1);
		return finish(s, out);
	}
	*taken = true;
	if (s->state == EVENT_SCAN_COMMENT && c == '\n')
		s->state = EVENT_SCAN_BETWEEN;
	step(s, c);
	if (s->state == EVENT_SCAN_OBJECT && s->depth == 0)
		return finish(s, out);
	return 0;
}

/* What the end of the stream leaves open. */
static int ended(struct event_scan *s, struct event_piece *out)
{
	switch (s->state) {
	case EVENT_SCAN_OBJECT:
		wrong(s, N_("the file ends within it"), s->here);
		return finish(s, out);
	case EVENT_SCAN_LOST:
	case EVENT_SCAN_STRAY:
		return finish(s, out);
	case EVENT_SCAN_BETWEEN:
	case EVENT_SCAN_COMMENT:
		break;
	}
	if (s->lists == 0)
		return 0;
	s->lists = 0;
	begin(s, EVENT_SCAN_STRAY);
	wrong(s, N_("the file ends before its list does: it was cut off"), s->here);
	return finish(s, out);
}

int event_scan_next(struct event_scan *s, struct view *in, bool end, struct event_piece *out)
{
	if (s->out) {
		str_clear(&s->bytes);
		s->out = false;
	}
	for (size_t i = 0; i < in->len; i++) {
		bool taken;

		if (one(s, in->p[i], &taken, out) > 0) {
			*in = view_from(*in, i + taken);
			return 1;
		}
	}
	*in = view_from(*in, in->len);
	return end ? ended(s, out) : 0;
}
