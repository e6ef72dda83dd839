#include <stdlib.h>
#include <string.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "net/net_private.h"

enum { URL_MAX = 1024, CODE_DIGITS = 3 };

static bool given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* One line that the server sent while libcurl set the connection up. Only what
 * it says after the last 220 counts: before TLS anybody may have said it. */
static void server_line(struct net_conn *conn, struct view line)
{
	uint64_t code = 0;

	if (!view_u64(view_sub(line, 0, CODE_DIGITS), 999, &code))
		return;
	conn->reply_code = (int)code;
	if (code >= 400) {
		str_clear(&conn->said);
		(void)utf8_clean(&conn->said, view_trim(line));
	}
	if (code == 220)
		conn->offers_auth = false;
	else if (code == 235)
		conn->logged_in = true;
	else if (code == 250 && view_starts_nocase(view_from(line, CODE_DIGITS + 1), VIEW("AUTH")))
		conn->offers_auth = true;
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
	server_line(user, view_make(p, size * n));
	return size * n;
}

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	(void)p;
	(void)user;
	return size * n;
}

/* A name or address that cannot change the meaning of the URL around it. */
static bool host_is_plain(const char *host)
{
	size_t len = given(host) ? strlen(host) : 0;

	for (size_t i = 0; i < len; i++) {
		char c = host[i];

		if (!ascii_is_alnum(c) && c != '-' && c != '.' && c != '_' && c != ':' &&
			(unsigned char)c < 0x80)
			return false;
	}
	return len > 0 && len <= NET_HOST_MAX;
}

static void make_url(struct str *url, const struct net_conn *conn, const struct net_params *p)
{
	bool literal = strchr(p->host, ':') != NULL;
	char *helo = curl_easy_escape(conn->easy, given(p->helo) ? p->helo : "localhost", 0);

	if (helo == NULL)
		mem_out();
	(void)str_addz(url, p->tls == NET_TLS_IMPLICIT ? "smtps://" : "smtp://");
	(void)str_addf(url, literal ? "[%s]:%u/%s" : "%s:%u/%s", p->host, (unsigned)p->port, helo);
	curl_free(helo);
}

/* The order of preference among what the server offers is libcurl's: the
 * strongest first. EXTERNAL, NTLM and GSSAPI are left out on purpose. */
static const char *login_options(enum net_auth auth)
{
	switch (auth) {
	case NET_AUTH_PLAIN:
		return "AUTH=PLAIN";
	case NET_AUTH_LOGIN:
		return "AUTH=LOGIN";
	case NET_AUTH_NONE:
	case NET_AUTH_AUTO:
		break;
	}
	return "AUTH=SCRAM-SHA-256;AUTH=SCRAM-SHA-1;AUTH=CRAM-MD5;AUTH=PLAIN;AUTH=LOGIN";
}

static int check_params(const struct net_params *p, struct fail *f)
{
	bool login = p->auth != NET_AUTH_NONE && given(p->username);

	if (!host_is_plain(p->host) || p->port == 0)
		return fail_set(f, FAIL_CONF,
			_("\"%.*s\", port %u, is not a server that can be connected to: give a "
			  "host name or an address, and a port from 1 to 65535"),
			NET_HOST_MAX, given(p->host) ? p->host : "", (unsigned)p->port);
	if (login && p->tls == NET_TLS_NONE && !p->allow_cleartext)
		return fail_set(f, FAIL_CONF,
			_("a password would go to %s in clear text: use tls: starttls or tls: "
			  "implicit"),
			p->host);
	if (p->auth != NET_AUTH_NONE && p->auth != NET_AUTH_AUTO && !login)
		return fail_set(f, FAIL_CONF, _("the login to %s lacks a user name"), p->host);
	return 0;
}

#define SET(option, value)                                                                         \
	do {                                                                                       \
		if (curl_easy_setopt(conn->easy, option, value) != CURLE_OK)                       \
			return -1;                                                                 \
	} while (0)

static int set_basics(struct net_conn *conn, const struct net_params *p, const char *url)
{
	long patience = p->connect_timeout > 0 ? (long)p->connect_timeout : NET_CONNECT_TIMEOUT;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FRESH_CONNECT,
		1L); /* but not FORBID_REUSE: it would close the connection when it is made */
	SET(CURLOPT_CONNECTTIMEOUT_MS, patience);
	SET(CURLOPT_TIMEOUT_MS, patience);
	SET(CURLOPT_ERRORBUFFER, conn->curl_words);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, conn);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	return 0;
}

static int set_tls(struct net_conn *conn, const struct net_params *p)
{
	SET(CURLOPT_USE_SSL, (long)(p->tls == NET_TLS_NONE ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (given(p->ca_file)) {
		SET(CURLOPT_CAINFO, p->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	if (given(p->client_cert))
		SET(CURLOPT_SSLCERT, p->client_cert);
	if (given(p->client_key))
		SET(CURLOPT_SSLKEY, p->client_key);
	return 0;
}

static int set_route(struct net_conn *conn, const struct net_params *p)
{
	/* "" also keeps libcurl from reading a proxy out of the environment. */
	SET(CURLOPT_PROXY, given(p->proxy) ? p->proxy : "");
	if (given(p->proxy) && strncmp(p->proxy, "http", 4) == 0) {
		SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
		SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	}
	if (given(p->interface))
		SET(CURLOPT_INTERFACE, p->interface);
	return 0;
}

/* libcurl keeps its own copy of the password; we keep none. */
static int set_login(struct net_conn *conn, const struct net_params *p)
{
	if (!conn->wants_auth)
		return 0;
	SET(CURLOPT_USERNAME, p->username);
	SET(CURLOPT_PASSWORD, p->password == NULL ? "" : p->password);
	SET(CURLOPT_LOGIN_OPTIONS, login_options(p->auth));
	SET(CURLOPT_SASL_IR, 1L); /* saves a round trip */
	return 0;
}

int net_conn_setup(struct net_conn *conn, const struct net_params *p, struct fail *f)
{
	struct str url;
	int ret;

	if (check_params(p, f) != 0)
		return -1;
	memcpy(conn->host, p->host, strlen(p->host) + 1);
	conn->port = p->port;
	conn->raw = p->tls == NET_TLS_NONE && !given(p->proxy);
	conn->wants_auth = p->auth != NET_AUTH_NONE && given(p->username);
	str_init(&url, URL_MAX);
	make_url(&url, conn, p);
	ret = str_ok(&url) ? 0 : -1;
	if (ret != 0 || set_basics(conn, p, url.p) != 0 || set_tls(conn, p) != 0 ||
		set_route(conn, p) != 0 || set_login(conn, p) != 0)
		ret = fail_set(f, FAIL_CONF,
			_("libcurl does not accept the settings of the connection to %s"), p->host);
	str_free(&url);
	return ret;
}
