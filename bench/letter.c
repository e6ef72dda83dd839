/* letter - what it costs to write one member's message: the template joined, the header and
 * the MIME parts made, and the last look at all of it (promise P1).
 * bench_letter TEMPLATE: µs per message, the median of rounds. */
#include <time.h>
#include "base/arena.h"
#include "base/fail.h"
#include "base/file.h"
#include "mail/token.h"
#include "send/letter.h"
#include "send/transport.h"

enum { MESSAGES = 20000, ROUNDS = 5, SOURCE_MAX = 1 << 20 };

static struct fail why;

static void must(int ret, const char *what)
{
	if (ret >= 0)
		return;
	(void)fprintf(stderr, "%s: %s\n", what, why.text);
	exit(fail_exit_code(why.kind));
}

static int nobody(void *ctx, struct view key, struct fail *f)
{
	(void)ctx;
	(void)key;
	(void)f;
	return 0;
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t write_one(struct send_letter *letter, int n)
{
	char address[64], fields[96];
	struct send_message *m = send_message_new();
	struct send_rcpt *r = vec_push(&m->rcpts);
	size_t len;

	(void)snprintf(address, sizeof address, "member%d@town%d.example", n, n % 50);
	(void)snprintf(fields, sizeof fields,
		"{\"given_name\":\"Jeanne%d\",\"code\":\"%d\",\"city\":\"Town %d\"}", n, n * 7919,
		n % 1000);
	*r = (struct send_rcpt){.contact = n + 1,
		.address = view_of(address),
		.name = VIEW("Jeanne Exemple"),
		.fields = view_of(fields)};
	m->id = (uint64_t)n + 1;
	must(send_letter_write(letter, m, 1, nobody, NULL, &why), "write");
	len = m->data.len;
	send_message_free(&m);
	return len;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	const struct send_frozen frozen = {.mode = SEND_INDIVIDUAL,
		.from = VIEW("Association Exemple <contact@asso.example>"),
		.bounce_address = VIEW("returns@asso.example"),
		.unsubscribe_address = VIEW("leave@asso.example"),
		.organisation = VIEW("Association Exemple"),
		.postal_address = VIEW("1 rue de la Paix"),
		.list_name = VIEW("members"),
		.list_title = VIEW("Our members"),
		.separator = VIEW("+")};
	static const unsigned char key[TOKEN_KEY_SIZE] = {1};
	struct send_letter_source source = {.name = "bench",
		.frozen = &frozen,
		.campaign = 1,
		.instance = VIEW("0123456789abcdef"),
		.tokens = token_maker_new(key),
		.now = 1};
	struct send_letter *letter;
	struct str text;
	double took[ROUNDS];
	size_t octets = 0;

	if (argc != 2) {
		(void)fprintf(stderr, "bench_letter TEMPLATE\n");
		return 64;
	}
	str_init(&text, SOURCE_MAX);
	must(file_read(argv[1], &text, &why), "template");
	source.text = str_view(&text);
	must(send_letter_new(&source, &letter, &why), "letter");
	for (int round = 0; round < ROUNDS; round++) {
		double start = seconds();

		octets = 0;
		for (int n = 0; n < MESSAGES; n++)
			octets += write_one(letter, n);
		took[round] = (seconds() - start) * 1e6 / MESSAGES;
	}
	qsort(took, ROUNDS, sizeof *took, by_value);
	(void)printf("letter: %.1f us CPU per message of %zu octets (%.1f to %.1f, %d rounds)\n",
		took[ROUNDS / 2], octets / MESSAGES, took[0], took[ROUNDS - 1], ROUNDS);
	send_letter_free(&letter);
	token_maker_free(&source.tokens);
	str_free(&text);
	return 0;
}
