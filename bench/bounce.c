/* What reading what came back costs: all messages of a folder in memory, one core.
 *
 *	bench_bounce FOLDER [ROUNDS]
 *
 * Prints messages a second, the slowest message with its milliseconds (the best of its rounds),
 * and the peak of memory in MiB. Without a round the hostile messages are tried alone. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/vec.h"
#include "bounce/verdict.h"

enum { ROUNDS = 20, MESSAGE_MAX = 64 << 20, PATH_SIZE = 4096, NAME_SIZE = 256 };

struct item {
	struct str bytes;
	char name[NAME_SIZE];
	double best;
};

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double read_one(struct item *it, struct arena *a)
{
	struct bounce_verdict v;
	double begin = seconds(), took;

	bounce_read(str_view(&it->bytes), a, &v);
	arena_reset(a);
	took = seconds() - begin;
	if (it->best == 0 || took < it->best)
		it->best = took;
	return took;
}

static void load(const char *folder, struct vec *items)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[PATH_SIZE];
		struct item *it;
		struct fail f;

		if (entry->d_name[0] == '.')
			continue;
		it = vec_push(items);
		str_init(&it->bytes, MESSAGE_MAX);
		(void)snprintf(it->name, sizeof it->name, "%s", entry->d_name);
		(void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (file_read(path, &it->bytes, &f) < 0)
			abort();
	}
	if (dir != NULL)
		(void)closedir(dir);
}

/* Header, nesting, lines, addresses: three million octets of each. */
static void hostile(struct vec *items)
{
	static const struct {
		const char *name, *head, *again;
	} kinds[] = {
		{"one header", "From: MAILER-DAEMON@example.org\n", "X-A: b\n"},
		{"one long field", "From: MAILER-DAEMON@example.org\nSubject: ", " user unknown"},
		{"endless nesting", "Content-Type: multipart/mixed; boundary=\"a\"\n\n--a\n",
			"Content-Type: multipart/mixed; boundary=\"a\"\n\n--a\n"},
		{"addresses", "From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n",
			"<ana@example.org>:\n550 user unknown\n"},
		{"phrases", "From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n",
			"user unknown mailbox full spam blocked using \n"},
		{"recipients", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n",
			"Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: "
			"5.1.1\n\n"},
		{"signs", "From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n", "@"},
		{"one line", "From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n",
			"a@b "},
	};
	enum { OCTETS = 3 << 20 };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct item *it = vec_push(items);

		str_init(&it->bytes, MESSAGE_MAX);
		(void)snprintf(it->name, sizeof it->name, "hostile: %s", kinds[i].name);
		(void)str_addz(&it->bytes, kinds[i].head);
		for (unsigned n = 0; it->bytes.len < OCTETS; n++) {
			(void)str_addz(&it->bytes, kinds[i].again);
			if (strcmp(kinds[i].name, "addresses") == 0 ||
				strcmp(kinds[i].name, "recipients") == 0)
				(void)str_addf(&it->bytes, "<u%u@example.org>\n", n);
		}
	}
}

static void report(const struct vec *items, const char *title)
{
	const struct item *worst = vec_at(items, 0);

	for (size_t i = 1; i < items->len; i++)
		if (((const struct item *)vec_at(items, i))->best > worst->best)
			worst = vec_at(items, i);
	printf("%s: slowest %.2f ms, %s (%zu octets)\n", title, worst->best * 1e3, worst->name,
		worst->bytes.len);
}

int main(int argc, char **argv)
{
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : ROUNDS;
	struct vec items, bad;
	struct arena a;
	struct rusage usage;
	double total = 0;

	if (argc < 2)
		return EXIT_FAILURE;
	arena_init(&a);
	vec_init(&items, sizeof(struct item));
	vec_init(&bad, sizeof(struct item));
	load(argv[1], &items);
	if (items.len == 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < items.len; i++) /* builds the tables */
		(void)read_one(vec_at(&items, i), &a);
	for (long r = 0; r < rounds; r++)
		for (size_t i = 0; i < items.len; i++)
			total += read_one(vec_at(&items, i), &a);
	if (rounds > 0)
		printf("messages/s %.0f\n", (double)items.len * (double)rounds / total);
	report(&items, "collection");
	hostile(&bad);
	for (size_t r = 0; r < 3; r++)
		for (size_t i = 0; i < bad.len; i++)
			(void)read_one(vec_at(&bad, i), &a);
	for (size_t i = 0; i < bad.len; i++)
		printf("%s: %.2f ms\n", ((struct item *)vec_at(&bad, i))->name,
			((struct item *)vec_at(&bad, i))->best * 1e3);
	report(&bad, "hostile");
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("peak MiB %.1f\n", (double)usage.ru_maxrss / 1024);
	return EXIT_SUCCESS;
}
