#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/time.h"
#include "base/utf8.h"
#include "cmd/out.h"

enum {
	PROGRESS_BAR_MS = 200,
	PROGRESS_PLAIN_MS = 30000,
	PROGRESS_LINE_MAX = 4096,
	PROGRESS_WIDTH = 80, /* where nobody can tell */
	PROGRESS_WIDTH_MAX = 1000,
};

static enum out_progress_kind kind;
static bool shown; /* a line stands there that the next one overwrites */
static size_t shown_width;
static char shown_text[PROGRESS_LINE_MAX]; /* what it says: the same is not drawn again */
static int64_t last_at;

void out_set_progress(enum out_progress_kind k)
{
	kind = k;
}

static bool is_terminal(void)
{
	return isatty(STDERR_FILENO) != 0;
}

bool out_progress_is_bar(void)
{
	return kind == OUT_PROGRESS_AUTO ? is_terminal() : kind == OUT_PROGRESS_BAR;
}

/* Asked each time: the window may have been resized. */
size_t out_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {0};
	uint64_t n;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return view_u64(view_of(columns), PROGRESS_WIDTH_MAX, &n) && n > 0 ? (size_t)n
									   : PROGRESS_WIDTH;
}

/* As much of v as takes no more than that many columns. */
static struct view fitting(struct view v, size_t width)
{
	struct view rest = v;
	size_t used = 0;
	uint32_t cp;

	while (rest.len > 0) {
		struct view before = rest;

		if (utf8_next(&rest, &cp) != 1)
			break;
		used += utf8_width(view_sub(before, 0, before.len - rest.len));
		if (used > width)
			return view_sub(v, 0, v.len - before.len);
	}
	return view_sub(v, 0, v.len - rest.len);
}

/* One column stays free: a terminal that is written to its last one may go to the next
 * line. In one write, and what stood behind it is taken away after, not before: so it
 * does not flicker. Off a terminal there are no codes, only blanks. */
static void overwrite(struct view text)
{
	struct view line = fitting(text, out_width() - 1);
	size_t width = utf8_width(line);
	struct str out;

	if (shown && view_is(line, shown_text))
		return;
	str_init(&out, 2 * PROGRESS_LINE_MAX);
	(void)str_addc(&out, '\r');
	(void)str_addv(&out, line);
	if (is_terminal())
		(void)str_addz(&out, "\033[K");
	else
		for (size_t i = width; shown && i < shown_width; i++)
			(void)str_addc(&out, ' ');
	(void)fwrite(out.p, 1, out.len, stderr);
	(void)fflush(stderr);
	str_free(&out);
	shown = true;
	shown_width = width;
	(void)snprintf(shown_text, sizeof shown_text, "%.*s", VIEW_ARG(line));
}

void out_progress_end(void)
{
	if (!shown)
		return;
	if (is_terminal())
		(void)fputs("\r\033[K", stderr);
	else
		(void)fprintf(stderr, "\r%*s\r", (int)shown_width, "");
	shown = false;
}

void out_progress_line(struct view text)
{
	struct str clean;

	if (out_is_quiet())
		return;
	str_init(&clean, PROGRESS_LINE_MAX);
	(void)utf8_clean(&clean, view_sub(text, 0, PROGRESS_LINE_MAX / 4));
	if (out_progress_is_bar())
		overwrite(str_view(&clean));
	else
		(void)fprintf(stderr, "%s\n", clean.p);
	(void)fflush(stderr);
	str_free(&clean);
}

void out_progress(const char *fmt, ...)
{
	int64_t now = time_monotonic();
	struct str line;
	va_list ap;

	if (last_at == 0)
		last_at = now;
	if (out_is_quiet() ||
		now - last_at < (out_progress_is_bar() ? PROGRESS_BAR_MS : PROGRESS_PLAIN_MS))
		return;
	last_at = now;
	str_init(&line, PROGRESS_LINE_MAX);
	va_start(ap, fmt);
	(void)str_addfv(&line, fmt, ap);
	va_end(ap);
	out_progress_line(str_view(&line));
	str_free(&line);
}
