#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "returns/event_import.h"

/* A folder of its own, and what an import of a file in it told. */
struct place {
	char folder[64], path[96];
	struct event_import o;
	struct str taken, refused;
	int fail_at; /* the event that cannot be stored; 0: none */
	int count, settled;
	struct fail f;
};

static int take(void *ctx, const struct event *e, struct fail *f)
{
	struct place *p = ctx;

	if (++p->count == p->fail_at)
		return fail_set(f, FAIL_STORE, "the disk is full");
	(void)str_addf(&p->taken, "%.*s ", VIEW_ARG(e->recipient.address));
	return 0;
}

static int settle(void *ctx, int ret, struct fail *f)
{
	struct place *p = ctx;

	(void)f;
	p->settled++;
	return ret;
}

static void refused(void *ctx, const char *path, const char *why)
{
	struct place *p = ctx;

	assert_string_equal(path, p->path);
	(void)str_addf(&p->refused, "%s;", why);
}

static void begin(struct place *p, const char *text)
{
	struct fail f;

	memset(p, 0, sizeof *p);
	(void)snprintf(p->folder, sizeof p->folder, "/tmp/facteur-events.XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	(void)snprintf(p->path, sizeof p->path, "%s/e.json", p->folder);
	assert_int_equal(file_write_new(p->path, view_of(text), &f), 0);
	p->o = (struct event_import){
		.take = take, .settle = settle, .take_ctx = p, .refused = refused, .ctx = p};
	str_init(&p->taken, 1 << 20);
	str_init(&p->refused, 1 << 20);
}

static void end(struct place *p)
{
	static const char *const names[] = {
		"e.json", "e.json.rejects", "e.json.rejects-2", "other"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", p->folder, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(p->folder), 0);
	str_free(&p->taken);
	str_free(&p->refused);
}

static void file_is(const char *path, const char *want)
{
	struct str text;
	struct fail f;

	str_init(&text, 4 << 20);
	assert_int_equal(file_read(path, &text, &f), 0);
	assert_string_equal(text.p, want);
	str_free(&text);
}

/* Good ones are taken, bad ones kept as they were, and the file of them can be imported. */
static void good_and_bad(void **state)
{
	struct place p;
	struct stat st;
	char want[512], *rejects;

	(void)state;
	begin(&p, "\xEF\xBB\xBF[\n"
		  "{\"event\":\"spam\",\"MessageID\":1,\"email\":\"a@example.org\"},\n"
		  "{\"event\":\"spam\",\"MessageID\":2,\"email\":\"b@example.org},\n"
		  "{\"event\":\"open\",\"MessageID\":3,\"email\":\"c@example.org\"},\n"
		  "{\"event\" \"spam\",\"MessageID\":4,\"email\":\"d@example.org\"},\n"
		  "{\"event\":\"spam\",\"MessageID\":5,\"email\":\"e@example.org\",},\n]\n");
	assert_int_equal(event_import_file(&p.o, p.path, &rejects, &p.f), 0);
	assert_string_equal(p.taken.p, "a@example.org e@example.org ");
	assert_string_equal(p.refused.p,
		"3:55: a text has no closing \";5:15: this is no JSON: ':' expected near "
		"'\"spam\"';");
	assert_int_equal(p.o.rejected, 2);
	assert_int_equal(p.o.ignored, 1);
	assert_true(p.settled > 0);
	assert_non_null(rejects);
	assert_int_equal(stat(rejects, &st), 0);
	assert_int_equal(st.st_mode & 0777, FILE_MODE);
	(void)snprintf(want, sizeof want,
		"# %s:3:55: a text has no closing \"\n"
		"{\"event\":\"spam\",\"MessageID\":2,\"email\":\"b@example.org},\n"
		"# %s:5:15: this is no JSON: ':' expected near '\"spam\"'\n"
		"{\"event\" \"spam\",\"MessageID\":4,\"email\":\"d@example.org\"}\n",
		p.path, p.path);
	file_is(rejects, want);
	free(rejects);
	/* Once more: another name, for nothing is overwritten. */
	assert_int_equal(event_import_file(&p.o, p.path, &rejects, &p.f), 0);
	assert_true(view_ends(view_of(rejects), VIEW("e.json.rejects-2")));
	free(rejects);
	end(&p);
}

static void nothing_refused(void **state)
{
	struct place p;
	char *rejects;

	(void)state;
	begin(&p, "{\"event\":\"spam\",\"MessageID\":1,\"email\":\"a@example.org\"}\n");
	assert_int_equal(event_import_file(&p.o, p.path, &rejects, &p.f), 0);
	assert_null(rejects);
	end(&p);
}

/* What cannot be stored ends it; what was refused until then is kept all the same. */
static void store_fails(void **state)
{
	struct place p;
	char *rejects;

	(void)state;
	begin(&p, "nonsense\n{\"event\":\"spam\",\"MessageID\":1,\"email\":\"a@example.org\"}\n"
		  "{\"event\":\"spam\",\"MessageID\":2,\"email\":\"b@example.org\"}\n");
	p.fail_at = 2;
	assert_int_equal(event_import_file(&p.o, p.path, &rejects, &p.f), -1);
	assert_int_equal(p.f.kind, FAIL_STORE);
	assert_string_equal(p.taken.p, "a@example.org ");
	assert_non_null(rejects);
	free(rejects);
	end(&p);
}

static void bad_places(void **state)
{
	struct place p;
	char *rejects, other[128];

	(void)state;
	begin(&p, "nonsense\n");
	assert_int_equal(event_import_file(&p.o, "/nowhere/at/all", &rejects, &p.f), -1);
	assert_int_equal(p.f.kind, FAIL_NOINPUT);
	assert_int_equal(event_import_file(&p.o, p.folder, &rejects, &p.f), -1);
	assert_int_equal(p.f.kind, FAIL_NOINPUT);
	(void)snprintf(other, sizeof other, "%s/other", p.folder);
	p.o.rejects_path = other;
	assert_int_equal(event_import_file(&p.o, p.path, &rejects, &p.f), 0);
	assert_string_equal(rejects, other);
	free(rejects);
	assert_int_equal(event_import_file(&p.o, p.path, &rejects, &p.f), -1);
	assert_int_equal(p.f.kind, FAIL_CREATE);
	end(&p);
}

/* One that is too long is refused whole, byte for byte, and told once. */
static void too_long(void **state)
{
	struct str text, want;
	struct place p;
	char *rejects;

	(void)state;
	str_init(&text, 4 * EVENT_SIZE_MAX);
	str_init(&want, 4 * EVENT_SIZE_MAX);
	(void)str_addz(&text, "{\"a\":\"");
	for (size_t i = 0; i < 2 * (size_t)EVENT_SIZE_MAX; i++)
		(void)str_addc(&text, (char)('a' + i % 26));
	(void)str_addz(&text, "\"}\n");
	begin(&p, text.p);
	(void)str_addf(&want, "# %s:1:%d: it is too long\n%s", p.path, EVENT_SIZE_MAX + 1, text.p);
	assert_int_equal(event_import_file(&p.o, p.path, &rejects, &p.f), 0);
	assert_int_equal(p.o.rejected, 1);
	file_is(rejects, want.p);
	free(rejects);
	end(&p);
	str_free(&want);
	str_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_and_bad),
		cmocka_unit_test(nothing_refused),
		cmocka_unit_test(store_fails),
		cmocka_unit_test(bad_places),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
