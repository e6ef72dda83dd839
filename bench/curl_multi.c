/* curl_multi - the same mail sent with libcurl's own SMTP, as a program would that trusts it:
 * a multi handle, CONNECTIONS easy handles, each used again for the next message so that
 * libcurl keeps its connection.
 *
 *	curl_multi PORT MESSAGES CONNECTIONS SIZE
 *
 * Personal messages of SIZE bytes, each with a recipient and a Message-ID of its own. Ends
 * with 1 when a message was not accepted. */
#include <curl/curl.h>
#include "base/mem.h"
#include "base/str.h"

enum { ROOM = 1 << 20, WAIT_MS = 1000 };

struct letter {
	CURL *easy;
	struct curl_slist *to;
	struct str text;
	size_t sent;
};

static struct {
	CURLM *multi;
	char url[64];
	uint64_t next, wanted, done, accepted, size;
} bench;

static void compose(struct letter *l, uint64_t n)
{
	static const char line[] = "The hall is closed on Friday, the meeting is on Saturday.\r\n";

	str_clear(&l->text);
	(void)str_addf(&l->text,
		"From: Association Exemple <contact@asso.example>\r\n"
		"To: Jeanne%llu Exemple <member%08llu@town%llu.example>\r\n"
		"Subject: Jeanne%llu, our news of the month\r\n"
		"Message-ID: <%llu.bench@asso.example>\r\n"
		"MIME-Version: 1.0\r\n\r\n"
		"Dear Jeanne%llu,\r\n\r\nyour number is M%08llu.\r\n",
		(unsigned long long)n % 1000, (unsigned long long)n, (unsigned long long)n % 997,
		(unsigned long long)n % 1000, (unsigned long long)n, (unsigned long long)n % 1000,
		(unsigned long long)n);
	while (l->text.len + sizeof line <= bench.size)
		(void)str_add(&l->text, line, sizeof line - 1);
}

static size_t on_read(char *to, size_t size, size_t count, void *user)
{
	struct letter *l = user;
	struct view rest = view_sub(str_view(&l->text), l->sent, size * count);

	if (rest.len > 0)
		memcpy(to, rest.p, rest.len);
	l->sent += rest.len;
	return rest.len;
}

static void must(CURLcode code)
{
	if (code == CURLE_OK)
		return;
	(void)fprintf(stderr, "curl_multi: %s\n", curl_easy_strerror(code));
	exit(70);
}

/* The next message on this handle; nothing when all are on their way. */
static void start(struct letter *l)
{
	char to[64];

	if (bench.next == bench.wanted)
		return;
	(void)snprintf(to, sizeof to, "<member%08llu@town%llu.example>",
		(unsigned long long)bench.next, (unsigned long long)bench.next % 997);
	compose(l, bench.next++);
	l->sent = 0;
	curl_slist_free_all(l->to);
	l->to = curl_slist_append(NULL, to);
	if (l->to == NULL)
		mem_out();
	must(curl_easy_setopt(l->easy, CURLOPT_MAIL_RCPT, l->to));
	must(curl_easy_setopt(l->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)l->text.len));
	(void)curl_multi_add_handle(bench.multi, l->easy);
}

static void open_letter(struct letter *l)
{
	l->easy = curl_easy_init();
	if (l->easy == NULL)
		mem_out();
	l->to = NULL;
	str_init(&l->text, ROOM);
	must(curl_easy_setopt(l->easy, CURLOPT_URL, bench.url));
	must(curl_easy_setopt(l->easy, CURLOPT_MAIL_FROM, "<returns@asso.example>"));
	must(curl_easy_setopt(l->easy, CURLOPT_UPLOAD, 1L));
	must(curl_easy_setopt(l->easy, CURLOPT_NOSIGNAL, 1L));
	must(curl_easy_setopt(l->easy, CURLOPT_TCP_NODELAY, 1L));
	must(curl_easy_setopt(l->easy, CURLOPT_READFUNCTION, on_read));
	must(curl_easy_setopt(l->easy, CURLOPT_READDATA, l));
	must(curl_easy_setopt(l->easy, CURLOPT_PRIVATE, l));
	start(l);
}

static void take_done(void)
{
	CURLMsg *done;
	int left;

	while ((done = curl_multi_info_read(bench.multi, &left)) != NULL) {
		struct letter *l;

		bench.done++;
		if (done->data.result != CURLE_OK)
			(void)fprintf(
				stderr, "curl_multi: %s\n", curl_easy_strerror(done->data.result));
		else
			bench.accepted++;
		must(curl_easy_getinfo(done->easy_handle, CURLINFO_PRIVATE, (char **)&l));
		(void)curl_multi_remove_handle(bench.multi, l->easy);
		start(l);
	}
}

static void run(void)
{
	int running;

	do {
		if (curl_multi_perform(bench.multi, &running) != CURLM_OK)
			exit(70);
		take_done();
		if (running > 0)
			(void)curl_multi_poll(bench.multi, NULL, 0, WAIT_MS, NULL);
	} while (bench.done < bench.wanted);
}

int main(int argc, char **argv)
{
	uint64_t port, connections;
	struct letter *letters;

	if (argc != 5 || !view_u64(view_of(argv[1]), UINT16_MAX, &port) ||
		!view_u64(view_of(argv[2]), INT32_MAX, &bench.wanted) ||
		!view_u64(view_of(argv[3]), 1000, &connections) ||
		!view_u64(view_of(argv[4]), ROOM / 2, &bench.size))
		return 64;
	(void)snprintf(bench.url, sizeof bench.url, "smtp://127.0.0.1:%llu/client.example",
		(unsigned long long)port);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 70;
	bench.multi = curl_multi_init();
	(void)curl_multi_setopt(bench.multi, CURLMOPT_MAXCONNECTS, (long)connections);
	letters = mem_alloc(connections * sizeof *letters);
	for (uint64_t i = 0; i < connections; i++)
		open_letter(&letters[i]);
	run();
	for (uint64_t i = 0; i < connections; i++) {
		curl_slist_free_all(letters[i].to);
		curl_easy_cleanup(letters[i].easy);
		str_free(&letters[i].text);
	}
	(void)curl_multi_cleanup(bench.multi);
	free(letters);
	return bench.accepted == bench.wanted ? 0 : 1;
}
