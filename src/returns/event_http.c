#include "returns/event_http.h"
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"

enum { SOURCE_MAX = 128, RETRY_AFTER_MAX = 86400 };

struct event_http {
	CURL *easy;
	struct curl_slist *fields;
	struct str *body;
	char words[CURL_ERROR_SIZE];
};

static bool given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	struct event_http *h = user;

	return str_add(h->body, p, size * n) == 0 ? size * n : 0;
}

#define SET(option, value)                                                                         \
	do {                                                                                       \
		if (curl_easy_setopt(h->easy, option, value) != CURLE_OK)                          \
			return -1;                                                                 \
	} while (0)

static int set_limits(struct event_http *h)
{
	SET(CURLOPT_PROTOCOLS_STR, "https,http"); /* http: the settings allow it to loopback only */
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)EVENT_HTTP_CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)EVENT_HTTP_TIMEOUT_MS);
	SET(CURLOPT_MAXFILESIZE, (long)EVENT_HTTP_BODY_MAX);
	SET(CURLOPT_ACCEPT_ENCODING, "identity"); /* nothing that grows when it is unpacked */
	SET(CURLOPT_USERAGENT, "facteur");
	SET(CURLOPT_ERRORBUFFER, h->words);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, h);
	SET(CURLOPT_HTTPHEADER, h->fields);
	return 0;
}

static int set_tls(struct event_http *h, const struct event_http_options *o)
{
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (given(o->ca_file)) {
		SET(CURLOPT_CAINFO, o->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	if (given(o->client_cert))
		SET(CURLOPT_SSLCERT, o->client_cert);
	if (given(o->client_key))
		SET(CURLOPT_SSLKEY, o->client_key);
	SET(CURLOPT_KEYPASSWD, ""); /* else OpenSSL would ask on the terminal */
	return 0;
}

static int set_way(struct event_http *h, const struct event_http_options *o)
{
	char source[SOURCE_MAX];

	/* "" also keeps libcurl from reading a proxy out of the environment. */
	SET(CURLOPT_PROXY, given(o->proxy) ? o->proxy : "");
	if (given(o->source_address)) {
		if ((size_t)snprintf(source, sizeof source, "host!%s", o->source_address) >=
			sizeof source)
			return -1;
		SET(CURLOPT_INTERFACE, source);
	}
	SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	SET(CURLOPT_USERNAME, o->username);
	SET(CURLOPT_PASSWORD, o->password);
	return 0;
}

static void *mem_items(size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		mem_out();
	return mem_alloc(n * size);
}

/* As net/loop has it: counted, so that it may be done by several. */
static void start_curl(void)
{
	/* TLS writes into a socket that the peer has reset. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_alloc, free, mem_grow, mem_dupz,
		    mem_items) != CURLE_OK)
		mem_out();
}

struct event_http *event_http_new(const struct event_http_options *o, struct fail *f)
{
	struct event_http *h = mem_alloc(sizeof *h);

	start_curl();
	h->easy = curl_easy_init();
	if (h->easy == NULL)
		mem_out();
	h->fields = curl_slist_append(NULL, "Accept: application/json");
	if (h->fields == NULL)
		mem_out();
	if (set_limits(h) < 0 || set_tls(h, o) < 0 || set_way(h, o) < 0) {
		(void)fail_set(f, FAIL_CONF, "%s",
			_("libcurl does not accept the settings of this relay for its API"));
		event_http_free(&h);
	}
	return h;
}

void event_http_free(struct event_http **h)
{
	if (*h == NULL)
		return;
	curl_easy_cleanup((*h)->easy);
	curl_slist_free_all((*h)->fields);
	curl_global_cleanup();
	free(*h);
	*h = NULL;
}

static int no_answer(struct event_http *h, CURLcode got, struct view url, struct fail *f)
{
	if (got == CURLE_WRITE_ERROR || got == CURLE_FILESIZE_EXCEEDED)
		return fail_set(f, FAIL_PERM, _("the answer of %.*s is longer than %d MB"),
			VIEW_ARG(url), EVENT_HTTP_BODY_MAX >> 20);
	if (got == CURLE_OUT_OF_MEMORY)
		mem_out();
	return fail_set(f, got == CURLE_PEER_FAILED_VERIFICATION ? FAIL_PERM : FAIL_TEMP,
		_("%.*s cannot be asked: %s"), VIEW_ARG(url),
		h->words[0] != '\0' ? h->words : curl_easy_strerror(got));
}

int event_http_get(struct event_http *h, const char *url, struct str *body,
	struct event_http_answer *out, struct fail *f)
{
	struct view shown = view_sub(view_of(url), 0, strcspn(url, "?"));
	curl_off_t wait = 0;
	long status = 0;
	CURLcode got;

	str_clear(body);
	h->body = body;
	h->words[0] = '\0';
	got = curl_easy_setopt(h->easy, CURLOPT_URL, url);
	if (got == CURLE_OK)
		got = curl_easy_perform(h->easy);
	if (got != CURLE_OK)
		return no_answer(h, got, shown, f);
	(void)curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	/* Seconds or a date, RFC 9110 section 10.2.3; 0 where there was none, or it has passed. */
	(void)curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &wait);
	out->status = (int)status;
	out->retry_after = wait <= 0		    ? -1
			   : wait > RETRY_AFTER_MAX ? (int64_t)RETRY_AFTER_MAX * TIME_SECOND
						    : (int64_t)wait * TIME_SECOND;
	return 0;
}
