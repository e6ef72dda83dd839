#ifndef RETURNS_EVENT_HTTP_H
#define RETURNS_EVENT_HTTP_H
#include "base/str.h"
struct fail;

/* event_http - GET of a provider's API, one request after the other on one connection. TLS is
 * verified, a redirect is not followed, an answer has a size and a time that it must keep to, and
 * the login goes to that server only and stands in no error. */
enum {
	EVENT_HTTP_CONNECT_MS = 30000,
	EVENT_HTTP_TIMEOUT_MS = 120000, /* for a whole answer */
	EVENT_HTTP_BODY_MAX = 8 << 20,
};
struct event_http_options {
	const char *username; /* HTTP basic, RFC 7617 */
	const char *password; /* libcurl copies it; wipe yours after event_http_new() */
	const char *ca_file, *client_cert, *client_key, *proxy, *source_address; /* or NULL */
};
struct event_http;
/* NULL with FAIL_CONF when libcurl does not take the options. */
struct event_http *event_http_new(const struct event_http_options *o, struct fail *f);
void event_http_free(struct event_http **h);

struct event_http_answer {
	int status;	     /* 200, 429, ... */
	int64_t retry_after; /* ms from now, as the server said; -1: it did not */
};
/* The body goes to `body`, made with max EVENT_HTTP_BODY_MAX, which is cleared first. 0 whatever
 * the status is; -1: no answer (FAIL_TEMP), a certificate that does not fit, or more than the
 * body may be (FAIL_PERM). `url` stands in the error up to its ?. */
int event_http_get(struct event_http *h, const char *url, struct str *body,
	struct event_http_answer *out, struct fail *f);
#endif
