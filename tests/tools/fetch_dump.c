/* fetch_dump - reads a mailbox with src/fetch and keeps a journal of what it had, as a caller
 * should: the tool of tests/e2e/fetch.
 *
 *	fetch_dump CONFIG MAILBOX JOURNAL leave|seen|FOLDER [LIMIT]
 *	fetch_dump - PATH JOURNAL leave
 *
 * A message that the journal does not have is written to it, with its hash and the cursor, in
 * one write; then it is settled. One that it has is only settled again. FOLDER: moved there.
 * LIMIT: stops after so many. On stdout how many were new, and what could not be done; exit
 * code as of facteur. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/mem.h"
#include "fetch/fetch.h"
#include "settings/settings.h"

enum { JOURNAL_MAX = 256 << 20, LINE_LENGTH_MAX = 1024 };

struct journal {
	struct str text, cursor, line;
	size_t *slots; /* where an entry begins in text, + 1; 0: free */
	size_t slot_count, count;
	int fd;
};

static size_t hash_of(struct view v)
{
	size_t h = 5381;

	for (size_t i = 0; i < v.len; i++)
		h = h * 33 + (unsigned char)v.p[i];
	return h;
}

/* "M space name hash": up to the hash. */
static struct view entry_at(const struct journal *j, size_t at)
{
	struct view rest = view_from(str_view(&j->text), at), line, id = {0}, word;

	(void)view_split(&rest, '\n', &line);
	id = line;
	for (int i = 0; i < 3; i++)
		(void)view_split(&line, ' ', &word);
	return view_sub(id, 0, id.len - line.len - 1);
}

static size_t *slot_of(struct journal *j, struct view id)
{
	size_t i = hash_of(id) & (j->slot_count - 1);

	while (j->slots[i] != 0 && !view_eq(entry_at(j, j->slots[i] - 1), id))
		i = (i + 1) & (j->slot_count - 1);
	return &j->slots[i];
}

static void index_all(struct journal *j)
{
	struct view rest = str_view(&j->text), line;

	while (view_split(&rest, '\n', &line)) {
		if (view_starts(line, VIEW("M "))) {
			size_t at = (size_t)(line.p - j->text.p);

			*slot_of(j, entry_at(j, at)) = at + 1;
			j->count++;
		} else if (view_starts(line, VIEW("C "))) {
			str_clear(&j->cursor);
			(void)str_addv(&j->cursor, view_from(line, 2));
		}
	}
}

static int journal_open(struct journal *j, const char *path, struct fail *f)
{
	str_init(&j->text, JOURNAL_MAX);
	str_init(&j->cursor, LINE_LENGTH_MAX);
	str_init(&j->line, LINE_LENGTH_MAX);
	j->slot_count = 1 << 20;
	j->slots = mem_alloc(j->slot_count * sizeof *j->slots);
	if (file_exists(path) && file_read(path, &j->text, f) < 0)
		return -1;
	index_all(j);
	j->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, FILE_MODE);
	return j->fd < 0 ? fail_set(f, FAIL_CREATE, "%s", path) : 0;
}

static bool had(struct journal *j, const struct fetch_id *id)
{
	struct str text;
	bool yes;

	str_init(&text, LINE_LENGTH_MAX);
	(void)str_addf(&text, "M %.*s %.*s", VIEW_ARG(id->space), VIEW_ARG(id->name));
	yes = *slot_of(j, str_view(&text)) != 0;
	str_free(&text);
	return yes;
}

static int record(
	struct journal *j, const struct fetch *fetch, const struct fetch_message *m, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];

	digest_sha256(m->bytes, hash);
	str_clear(&j->line);
	(void)str_addf(&j->line, "M %.*s %.*s ", VIEW_ARG(m->id.space), VIEW_ARG(m->id.name));
	(void)digest_hex(&j->line, hash, sizeof hash);
	(void)str_addf(&j->line, " %zu%s\nC %.*s\n", m->bytes.len, m->cut ? " cut" : "",
		VIEW_ARG(fetch_cursor(fetch)));
	if (file_write_all(j->fd, str_view(&j->line)) != 0)
		return fail_set(f, FAIL_STORE, "journal");
	return 0;
}

static int settle(struct fetch *fetch, const char *fate, struct fail *f)
{
	if (strcmp(fate, "leave") == 0)
		return fetch_settle(fetch, FETCH_LEAVE, NULL, f);
	if (strcmp(fate, "seen") == 0)
		return fetch_settle(fetch, FETCH_SEEN, NULL, f);
	return fetch_settle(fetch, FETCH_MOVE, fate, f);
}

static int run(
	struct fetch *fetch, struct journal *j, const char *fate, uint64_t limit, struct fail *f)
{
	struct fetch_message m;
	uint64_t fresh = 0, again = 0;
	int got = 0;

	while (fresh < limit && (got = fetch_next(fetch, &m, f)) > 0) {
		bool known = had(j, &m.id);

		fresh += !known;
		again += known;
		if ((!known && record(j, fetch, &m, f) < 0) || settle(fetch, fate, f) < 0)
			return -1;
	}
	if (got == 0 && fetch_cursor(fetch).len > 0) {
		str_clear(&j->line);
		(void)str_addf(&j->line, "C %.*s\n", VIEW_ARG(fetch_cursor(fetch)));
		(void)file_write_all(j->fd, str_view(&j->line));
	}
	printf("new %llu again %llu total %zu\n", (unsigned long long)fresh,
		(unsigned long long)again, fetch_total(fetch));
	if (fetch_note(fetch).len > 0)
		printf("note %.*s\n", VIEW_ARG(fetch_note(fetch)));
	return got < 0 ? -1 : 0;
}

static int open_source(const char *config, const char *name, struct journal *j,
	struct settings **settings, struct fetch **out, struct fail *f)
{
	const struct settings_sources sources = {.config_path = config, .system_path = ""};
	const struct settings_mailbox *box;
	struct settings_report report;
	int got;

	if (strcmp(config, "-") == 0)
		return fetch_open_path(name, out, f);
	settings_report_init(&report);
	got = settings_load(&sources, settings, &report, f);
	settings_report_free(&report);
	if (got < 0)
		return -1;
	box = settings_mailbox_find(*settings, name);
	if (box == NULL)
		return fail_set(f, FAIL_CONF, "no mailbox %s", name);
	return fetch_open(box, str_view(&j->cursor), out, f);
}

int main(int argc, char **argv)
{
	struct journal j = {.fd = -1};
	struct settings *settings = NULL;
	struct fetch *fetch = NULL;
	struct fail f = {0};
	uint64_t limit = UINT64_MAX;
	int ret;

	if (argc < 5 || (argc > 5 && !view_u64(view_of(argv[5]), UINT32_MAX, &limit)))
		return 64;
	ret = journal_open(&j, argv[3], &f);
	if (ret == 0)
		ret = open_source(argv[1], argv[2], &j, &settings, &fetch, &f);
	if (ret == 0)
		ret = run(fetch, &j, argv[4], limit, &f);
	fetch_close(&fetch);
	settings_free(&settings);
	if (ret < 0)
		fprintf(stderr, "fetch_dump: %s\n", f.text);
	free(j.slots);
	str_free(&j.text);
	str_free(&j.cursor);
	str_free(&j.line);
	return ret < 0 ? fail_exit_code(f.kind) : 0;
}
