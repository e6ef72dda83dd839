#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "net/net_private.h"
#include "net/peer.h"

enum { URL_MAX = 1024, CODE_DIGITS = 3, SOURCE_MAX = 128 };

static bool given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* One line that the server sent while libcurl set the connection up. What it said
 * before the last 220 does not count: before TLS anybody may have said it. */
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
		str_clear(&conn->hello);
	else if (code / 100 == 2)
		(void)str_addv(&conn->hello, line);
}

/* IMAP and POP3 have no codes: the last no is kept, for it often names the remedy. */
static void mailbox_line(struct net_conn *conn, struct view line)
{
	static const char *const noes[] = {"-ERR", "* BYE", "* NO"};

	conn->greeted = conn->greeted || view_starts_nocase(line, VIEW("* OK")) ||
			view_starts_nocase(line, VIEW("+OK"));
	for (size_t i = 0; i < sizeof noes / sizeof *noes; i++)
		if (view_starts_nocase(line, view_of(noes[i]))) {
			str_clear(&conn->said);
			(void)utf8_clean(&conn->said, view_trim(line));
		}
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
	struct net_conn *conn = user;

	if (conn->protocol == NET_SMTP)
		server_line(conn, view_make(p, size * n));
	else
		mailbox_line(conn, view_make(p, size * n));
	return size * n;
}

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	(void)p;
	(void)user;
	return size * n;
}

static CURLcode on_tls(CURL *easy, void *ssl_ctx, void *peer)
{
	(void)easy;
	net_peer_watch(ssl_ctx, peer);
	return CURLE_OK;
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
	static const char *const schemes[] = {
		[NET_SMTP] = "smtp", [NET_IMAP] = "imap", [NET_POP3] = "pop3"};
	bool literal = strchr(p->host, ':') != NULL;
	char *helo = curl_easy_escape(conn->easy, given(p->helo) ? p->helo : "localhost", 0);

	if (helo == NULL)
		mem_out();
	(void)str_addf(url, "%s%s://", schemes[p->protocol], p->tls == NET_TLS_IMPLICIT ? "s" : "");
	(void)str_addf(url, literal ? "[%s]:%u/" : "%s:%u/", p->host, (unsigned)p->port);
	if (p->protocol == NET_SMTP)
		(void)str_addz(url, helo);
	curl_free(helo);
}

static int check_params(const struct net_params *p, struct fail *f)
{
	if (!host_is_plain(p->host) || p->port == 0)
		return fail_set(f, FAIL_CONF,
			_("\"%.*s\", port %u, is not a server that can be connected to: give a "
			  "host name or an address, and a port from 1 to 65535"),
			NET_HOST_MAX, given(p->host) ? p->host : "", (unsigned)p->port);
	return 0;
}

#define SET(option, value)                                                                         \
	do {                                                                                       \
		if (curl_easy_setopt(conn->easy, option, value) != CURLE_OK)                       \
			return -1;                                                                 \
	} while (0)

/* libcurl asks for this with fcntl, and does not look whether it was granted. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *at)
{
	(void)user;
	(void)purpose;
	return socket(at->family, at->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->protocol);
}

static int set_basics(struct net_conn *conn, const struct net_params *p, const char *url)
{
	static const char *const protocols[] = {
		[NET_SMTP] = "smtp,smtps", [NET_IMAP] = "imap,imaps", [NET_POP3] = "pop3,pop3s"};
	long patience = p->connect_timeout > 0 ? (long)p->connect_timeout : NET_CONNECT_TIMEOUT;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, protocols[p->protocol]);
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
	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
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
	if (p->peer != NULL) {
		SET(CURLOPT_SSL_CTX_FUNCTION, on_tls);
		SET(CURLOPT_SSL_CTX_DATA, p->peer);
	}
	if (given(p->client_cert))
		SET(CURLOPT_SSLCERT, p->client_cert);
	if (given(p->client_key))
		SET(CURLOPT_SSLKEY, p->client_key);
	/* Else OpenSSL would ask on the terminal for the passphrase of a locked key. */
	SET(CURLOPT_KEYPASSWD, "");
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
	return 0;
}

/* The server, or the proxy, is looked up as an address of the same family, for only
 * that can be reached from there. */
static int set_source(struct net_conn *conn, const struct net_params *p)
{
	char source[SOURCE_MAX];

	if (!given(p->source_address))
		return 0;
	/* "host!" keeps libcurl from trying it as the name of a device first. */
	if ((size_t)snprintf(source, sizeof source, "host!%s", p->source_address) >= sizeof source)
		return -1;
	SET(CURLOPT_INTERFACE, source);
	SET(CURLOPT_IPRESOLVE, (long)(strchr(p->source_address, ':') != NULL ? CURL_IPRESOLVE_V6
									     : CURL_IPRESOLVE_V4));
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
	conn->protocol = p->protocol;
	conn->raw = p->tls == NET_TLS_NONE && !given(p->proxy);
	conn->proxied = given(p->proxy);
	str_init(&url, URL_MAX);
	make_url(&url, conn, p);
	ret = str_ok(&url) ? 0 : -1;
	if (ret != 0 || set_basics(conn, p, url.p) != 0 || set_tls(conn, p) != 0 ||
		set_route(conn, p) != 0 || set_source(conn, p) != 0)
		ret = fail_set(f, FAIL_CONF,
			_("libcurl does not accept the settings of the connection to %s"), p->host);
	str_free(&url);
	return ret;
}
