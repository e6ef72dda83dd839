/* The dialogue of the sink: bytes in, answers out, and what came counted. */
#include "base/mem.h"
#include "bench/sink.h"

enum {
	COMMAND_MAX = 2048,
	IDS_FIRST = 1 << 20, /* places in the table of Message-IDs, a power of two */
};

static struct {
	uint64_t *place;
	size_t size, used;
} ids;

/* --- Message-IDs: each counts once ---------------------------------------- */

static bool ids_put(uint64_t id)
{
	size_t i = id & (ids.size - 1);

	while (ids.place[i] != 0 && ids.place[i] != id)
		i = (i + 1) & (ids.size - 1);
	if (ids.place[i] == id)
		return false;
	ids.place[i] = id;
	ids.used++;
	return true;
}

static void ids_reset(size_t size)
{
	free(ids.place);
	ids.size = size;
	ids.used = 0;
	ids.place = mem_alloc(size * sizeof *ids.place);
}

void session_forget_ids(void)
{
	ids_reset(ids.size > 0 ? ids.size : IDS_FIRST);
}

static void ids_grow(void)
{
	uint64_t *old = ids.place;
	size_t size = ids.size;

	ids.place = NULL;
	ids_reset(size * 2);
	for (size_t i = 0; i < size; i++)
		if (old[i] != 0)
			(void)ids_put(old[i]);
	free(old);
}

/* FNV-1a; 0 marks an empty place. */
static void count_id(struct view line)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < line.len; i++)
		hash = (hash ^ (unsigned char)line.p[i]) * 1099511628211u;
	hash ^= hash >> 29;
	if (ids.used * 2 > ids.size)
		ids_grow();
	sink.tally.ids += ids_put(hash != 0 ? hash : 1);
}

/* --- content --------------------------------------------------------------- */

static void reply(struct session *s, const char *text)
{
	(void)str_addz(&s->out, text);
}

static void begin_message(struct session *s)
{
	s->header = true;
	s->open_line = false;
	s->bytes = 0;
}

static void end_message(struct session *s)
{
	sink.tally.messages++;
	sink.tally.recipients += s->recipients;
	sink.tally.bytes += s->bytes;
	s->mail = false;
	s->recipients = 0;
	reply(s, "250 2.0.0 Ok\r\n");
}

/* One line of content without its end. */
static void content_line(struct session *s, struct view line)
{
	if (line.len > 0 && memchr(line.p, '\r', line.len) != NULL)
		sink.tally.strange++;
	if (!s->header)
		return;
	if (line.len == 0)
		s->header = false;
	else if (view_starts_nocase(line, VIEW("Message-ID:")))
		count_id(view_from(line, sizeof "Message-ID:" - 1));
}

/* The length of the line at p with its LF, or 0 when it has no end yet. */
static size_t line_length(const char *p, size_t len)
{
	const char *lf = len > 0 ? memchr(p, '\n', len) : NULL;

	return lf == NULL ? 0 : (size_t)(lf - p) + 1;
}

static struct view without_end(const char *p, size_t len)
{
	if (len >= 2 && p[len - 2] == '\r')
		return view_make(p, len - 2);
	sink.tally.strange++;
	return view_make(p, len - 1);
}

/* How much of the buffer from `at` on was content; stops behind the dot. */
static size_t take_data(struct session *s, size_t at)
{
	size_t start = at, n;

	while ((n = line_length(s->in + at, s->len - at)) > 0) {
		struct view line = without_end(s->in + at, n);

		at += n;
		if (line.len > 0 && line.p[0] == '.') {
			if (line.len == 1) {
				s->place = AT_COMMANDS;
				end_message(s);
				break;
			}
			line = view_from(line, 1);
			n--;
		}
		s->bytes += n;
		content_line(s, line);
	}
	return at - start;
}

static void end_chunk(struct session *s)
{
	s->place = AT_COMMANDS;
	if (!s->chunk_last) {
		reply(s, "250 2.0.0 Ok\r\n");
		return;
	}
	sink.tally.strange += s->open_line;
	end_message(s);
}

/* A line may go on in the next chunk: then what is here of it is only counted. */
static size_t take_chunk(struct session *s, size_t at)
{
	size_t there = s->len - at, start = at, n;
	size_t len = there < s->chunk_left ? there : (size_t)s->chunk_left;
	size_t end = at + len;

	while ((n = line_length(s->in + at, end - at)) > 0) {
		content_line(s, without_end(s->in + at, n));
		s->open_line = false;
		at += n;
	}
	if (len == s->chunk_left && at < end) {
		s->open_line = true;
		at = end;
	}
	s->bytes += at - start;
	s->chunk_left -= at - start;
	if (s->chunk_left == 0)
		end_chunk(s);
	return at - start;
}

/* --- commands -------------------------------------------------------------- */

static void strange(struct session *s, const char *text)
{
	sink.tally.strange++;
	reply(s, text);
}

static void say_hello(struct session *s)
{
	reply(s, "250-sink.example\r\n250-SIZE 104857600\r\n250-8BITMIME\r\n");
	if (sink.pipelining)
		reply(s, "250-PIPELINING\r\n");
	if (sink.chunking)
		reply(s, "250-CHUNKING\r\n");
	reply(s, "250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n");
}

static void begin_data(struct session *s, bool more)
{
	if (s->recipients == 0) {
		strange(s, "503 5.5.1 No recipients\r\n");
		return;
	}
	sink.tally.strange += more;
	begin_message(s);
	s->place = IN_DATA;
	reply(s, "354 Go on\r\n");
}

static void begin_chunk(struct session *s, struct view arg)
{
	struct view size = arg;
	ptrdiff_t blank = view_chr(arg, ' ');

	if (blank >= 0)
		size = view_sub(arg, 0, (size_t)blank);
	s->chunk_last = blank >= 0;
	if (!sink.chunking || !view_u64(size, UINT32_MAX, &s->chunk_left) ||
		(s->chunk_last &&
			!view_eq_nocase(view_from(arg, (size_t)blank + 1), VIEW("LAST")))) {
		strange(s, "501 5.5.4 BDAT size [LAST]\r\n");
		s->quit = true; /* nobody knows where the next command is */
		return;
	}
	if (s->recipients == 0) {
		strange(s, "503 5.5.1 No recipients\r\n");
		s->quit = true;
		return;
	}
	if (s->bytes == 0)
		begin_message(s);
	s->place = IN_CHUNK;
	if (s->chunk_left == 0)
		end_chunk(s);
}

static void envelope(struct session *s, struct view line)
{
	if (view_starts_nocase(line, VIEW("MAIL FROM:<")) && !s->mail) {
		s->mail = true;
		s->bytes = 0;
		reply(s, "250 2.1.0 Ok\r\n");
	} else if (view_starts_nocase(line, VIEW("RCPT TO:<")) && s->mail) {
		s->recipients++;
		reply(s, "250 2.1.5 Ok\r\n");
	} else {
		strange(s, "503 5.5.1 Out of order\r\n");
	}
}

static void command(struct session *s, struct view line, bool more)
{
	if (view_starts_nocase(line, VIEW("MAIL ")) || view_starts_nocase(line, VIEW("RCPT "))) {
		envelope(s, line);
	} else if (view_eq_nocase(line, VIEW("DATA"))) {
		begin_data(s, more);
	} else if (view_starts_nocase(line, VIEW("BDAT "))) {
		begin_chunk(s, view_from(line, sizeof "BDAT " - 1));
	} else if (view_starts_nocase(line, VIEW("EHLO "))) {
		say_hello(s);
	} else if (view_starts_nocase(line, VIEW("HELO ")) || view_eq_nocase(line, VIEW("NOOP"))) {
		reply(s, "250 2.0.0 Ok\r\n");
	} else if (view_eq_nocase(line, VIEW("RSET"))) {
		s->mail = false;
		s->recipients = 0;
		reply(s, "250 2.0.0 Ok\r\n");
	} else if (view_eq_nocase(line, VIEW("QUIT"))) {
		s->quit = true;
		reply(s, "221 2.0.0 Bye\r\n");
	} else {
		strange(s, "500 5.5.2 What?\r\n");
	}
}

static size_t take_command(struct session *s, size_t at)
{
	size_t n = line_length(s->in + at, s->len - at);

	if (n == 0)
		return 0;
	command(s, without_end(s->in + at, n), at + n < s->len);
	return n;
}

void session_take(struct session *s)
{
	size_t at = 0, n = 1;

	while (n > 0 && at < s->len && !s->quit) {
		if (s->place == AT_COMMANDS)
			n = take_command(s, at);
		else if (s->place == IN_DATA)
			n = take_data(s, at);
		else
			n = take_chunk(s, at);
		at += n;
	}
	memmove(s->in, s->in + at, s->len - at);
	s->len -= at;
	if (s->len == BUFFER || (s->place == AT_COMMANDS && s->len > COMMAND_MAX)) {
		strange(s, "500 5.5.2 Line too long\r\n");
		s->quit = true;
	}
}

void session_greet(struct session *s)
{
	sink.tally.sessions++;
	reply(s, "220 sink.example ESMTP\r\n");
}
