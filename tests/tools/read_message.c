/* read_message [-t TIMES] FILE…
 *
 * What mail/message and mail/report make of each file, as a line of JSON a file: for the judges
 * of tests/e2e/message.
 *	{"file":, "defects":, "parts": [{"depth":, "type":, "filename":, "boundary":,
 *	  "fields": [[name, value decoded], …], "text":, "words":}, …]}
 * A body that is no text has "sha256" instead of "text" and "words"; a report has "groups", each a
 * list of [name, value]. Ends with 1 where something that should be UTF-8 is not.
 *
 * With -t each file is read, and all of its text decoded, so often in one arena:
 *	{"file":, "bytes":, "parts":, "us": of the fastest time, "first_us":, "rss_kb":} */
#include <jansson.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/utf8.h"
#include "mail/report.h"

enum { FILE_BYTES_MAX = 128 << 20 };

static bool bad_text;

static json_t *text_json(struct view text)
{
	if (!utf8_valid(text, NULL) || (text.len > 0 && memchr(text.p, '\0', text.len) != NULL)) {
		bad_text = true;
		return json_string("(no UTF-8)");
	}
	return json_stringn(text.len > 0 ? text.p : "", text.len);
}

/* A name is ASCII by the way it is read. */
static json_t *pair(struct message *m, const struct message_field *f)
{
	return json_pack("[o,o]", text_json(f->name), text_json(message_decode(m, f->value)));
}

static json_t *groups_json(struct message *m, const struct message_part *part)
{
	struct report report;
	json_t *all = json_array();

	report_read(m, part, &report);
	for (size_t i = 0; i < report.group_count; i++) {
		json_t *group = json_array();

		for (size_t k = 0; k < report.groups[i].count; k++)
			json_array_append_new(group, pair(m, &report.groups[i].fields[k]));
		json_array_append_new(all, group);
	}
	return all;
}

static bool is_report(struct view type)
{
	return view_ends(type, VIEW("delivery-status")) ||
	       view_ends(type, VIEW("feedback-report")) ||
	       view_ends(type, VIEW("disposition-notification"));
}

static json_t *part_json(struct message *m, const struct message_part *part)
{
	json_t *out = json_object(), *fields = json_array();
	struct view name = message_param(m, part, "Content-Disposition", "filename");
	struct view body = message_body(m, part);

	if (name.len == 0)
		name = message_param(m, part, "Content-Type", "name");
	for (size_t i = 0; i < part->field_count; i++)
		json_array_append_new(fields, pair(m, &part->fields[i]));
	json_object_set_new(out, "depth", json_integer((json_int_t)part->depth));
	json_object_set_new(out, "type", text_json(part->type));
	json_object_set_new(out, "fields", fields);
	json_object_set_new(out, "filename", text_json(name));
	json_object_set_new(
		out, "boundary", text_json(message_param(m, part, "Content-Type", "boundary")));
	if (is_report(part->type))
		json_object_set_new(out, "groups", groups_json(m, part));
	if (view_starts(part->type, VIEW("text/")) || view_starts(part->type, VIEW("multipart/")) ||
		is_report(part->type)) {
		json_object_set_new(out, "text", text_json(body));
		json_object_set_new(out, "words", text_json(message_words(m, part)));
	} else {
		unsigned char hash[DIGEST_SIZE];
		struct str hex;

		str_init(&hex, 2 * DIGEST_SIZE);
		digest_sha256(body, hash);
		(void)digest_hex(&hex, hash, sizeof hash);
		json_object_set_new(out, "sha256", text_json(str_view(&hex)));
		str_free(&hex);
	}
	return out;
}

static void show(const char *path, struct view bytes)
{
	struct arena a;
	struct message m;
	json_t *out = json_object(), *parts = json_array();

	arena_init(&a);
	message_read(bytes, &a, &m);
	for (size_t i = 0; i < m.part_count; i++)
		json_array_append_new(parts, part_json(&m, m.parts[i]));
	json_object_set_new(out, "file", json_string(path));
	json_object_set_new(out, "defects", json_integer(m.defects));
	json_object_set_new(out, "parts", parts);
	(void)json_dumpf(out, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	(void)putchar('\n');
	json_decref(out);
	arena_free(&a);
}

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static size_t read_all(struct view bytes, struct arena *a)
{
	struct message m;
	struct report report;

	message_read(bytes, a, &m);
	(void)message_text(&m, m.root, "Subject");
	(void)message_text(&m, m.root, "From");
	(void)message_text(&m, m.root, "To");
	for (size_t i = 0; i < m.part_count; i++) {
		if (is_report(m.parts[i]->type))
			report_read(&m, m.parts[i], &report);
		(void)message_words(&m, m.parts[i]);
		(void)message_param(&m, m.parts[i], "Content-Disposition", "filename");
	}
	return m.part_count;
}

static void measure(const char *path, struct view bytes, long times)
{
	struct arena a;
	struct rusage use;
	double first = 0, best = 0;
	size_t parts = 0;

	arena_init(&a);
	for (long i = 0; i < times; i++) {
		double start = now_us(), took;

		parts = read_all(bytes, &a);
		took = now_us() - start;
		first = i == 0 ? took : first;
		best = i == 0 || took < best ? took : best;
		arena_reset(&a);
	}
	arena_free(&a);
	(void)getrusage(RUSAGE_SELF, &use);
	(void)printf("{\"file\":\"%s\",\"bytes\":%zu,\"parts\":%zu,\"us\":%.1f,\"first_us\":%.1f,"
		     "\"rss_kb\":%ld}\n",
		path, bytes.len, parts, best, first, use.ru_maxrss);
}

int main(int argc, char **argv)
{
	long times = 0;
	int first = 1, ret = 0;

	if (argc > 2 && strcmp(argv[1], "-t") == 0) {
		times = strtol(argv[2], NULL, 10);
		first = 3;
	}
	for (int i = first; i < argc; i++) {
		struct str bytes;
		struct fail f;

		str_init(&bytes, FILE_BYTES_MAX);
		if (file_read(argv[i], &bytes, &f) < 0) {
			(void)fprintf(stderr, "%s\n", f.text);
			ret = 1;
		} else if (times > 0) {
			measure(argv[i], str_view(&bytes), times);
		} else {
			show(argv[i], str_view(&bytes));
		}
		str_free(&bytes);
	}
	return ret != 0 || bad_text;
}
