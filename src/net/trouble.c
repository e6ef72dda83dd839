#include <errno.h>
#include <string.h>
#include "base/i18n.h"
#include "base/view.h"
#include "net/net_private.h"

enum {			     /* X509_V_ERR_…, as CURLINFO_SSL_VERIFYRESULT gives them */
	VERIFY_NOT_DONE = 1, /* what libcurl leaves where it did not get that far */
	VERIFY_NOT_YET_VALID = 9,
	VERIFY_EXPIRED = 10,
	VERIFY_HOST_MISMATCH = 62,
	VERIFY_ADDRESS_MISMATCH = 64,
};

static enum net_trouble trouble_of_certificate(const struct net_conn *conn)
{
	long verify = 0;

	(void)curl_easy_getinfo(conn->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
	if (verify == VERIFY_NOT_YET_VALID || verify == VERIFY_EXPIRED)
		return NET_TROUBLE_CERT_DATE;
	if (verify == VERIFY_HOST_MISMATCH || verify == VERIFY_ADDRESS_MISMATCH)
		return NET_TROUBLE_CERT_NAME;
	/* The chain is good, so it is libcurl's own check of the name that failed. */
	return verify == 0 || verify == VERIFY_NOT_DONE ? NET_TROUBLE_CERT_NAME : NET_TROUBLE_CERT;
}

static enum net_trouble trouble_of_connect(const struct net_conn *conn)
{
	long err = 0;

	(void)curl_easy_getinfo(conn->easy, CURLINFO_OS_ERRNO, &err);
	return err == ECONNREFUSED ? NET_TROUBLE_REFUSED : NET_TROUBLE_NETWORK;
}

/* With TLS 1.3 the server says only after the handshake, as an alert in the place of
 * its first words, that it wants a certificate of ours or does not like it. */
static enum net_trouble trouble_of_reading(const struct net_conn *conn)
{
	static const char *const alerts[] = {"certificate required", "bad certificate",
		"unknown ca", "certificate unknown", "certificate expired", "certificate revoked",
		"unsupported certificate"};
	long code = 0;

	(void)curl_easy_getinfo(conn->easy, CURLINFO_HTTP_CONNECTCODE, &code);
	if (conn->proxied && code / 100 > 2)
		return NET_TROUBLE_PROXY;
	for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++)
		if (strstr(conn->curl_words, "alert") != NULL &&
			strstr(conn->curl_words, alerts[i]) != NULL)
			return NET_TROUBLE_CLIENT_CERT;
	return NET_TROUBLE_NETWORK;
}

/* Where there was a greeting and no no, it is what stood behind the yes to STARTTLS that
 * libcurl did not like. */
static enum net_trouble trouble_of_mailbox(const struct net_conn *conn)
{
	return conn->said.len == 0 && conn->greeted ? NET_TROUBLE_INJECTED : NET_TROUBLE_GREETING;
}

enum net_trouble net_trouble_of(const struct net_conn *conn, CURLcode result)
{
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return NET_TROUBLE_NAME;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		return NET_TROUBLE_PROXY;
	case CURLE_COULDNT_CONNECT:
		return conn->proxied ? NET_TROUBLE_PROXY : trouble_of_connect(conn);
	case CURLE_OPERATION_TIMEDOUT:
		return NET_TROUBLE_TIMEOUT;
	case CURLE_USE_SSL_FAILED:
		return conn->reply_code / 100 == 4 ? NET_TROUBLE_STARTTLS_LATER
						   : NET_TROUBLE_NO_STARTTLS;
	case CURLE_PEER_FAILED_VERIFICATION:
		return trouble_of_certificate(conn);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
		return NET_TROUBLE_TLS;
	case CURLE_WEIRD_SERVER_REPLY:
		if (conn->protocol != NET_SMTP)
			return trouble_of_mailbox(conn);
		/* The 220 is STARTTLS's: what stood behind it in clear text was for after. */
		return conn->reply_code == 220 ? NET_TROUBLE_INJECTED : NET_TROUBLE_GREETING;
	case CURLE_REMOTE_ACCESS_DENIED:
		return NET_TROUBLE_GREETING;
	case CURLE_URL_MALFORMAT:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_INTERFACE_FAILED:
		return NET_TROUBLE_CONF;
	default:
		return trouble_of_reading(conn);
	}
}

static const struct {
	enum fail_kind kind;
	const char *text; /* after "host:port: " */
} troubles[] = {
	[NET_TROUBLE_NAME] = {FAIL_TEMP,
		N_("no such server is known: the name lookup failed. Check the spelling of the "
		   "host and your network connection")},
	[NET_TROUBLE_REFUSED] = {FAIL_TEMP,
		N_("nobody answers on that port: the connection was refused. Check the port (587 "
		   "for STARTTLS, 465 for implicit TLS) and that the server runs")},
	[NET_TROUBLE_TIMEOUT] = {FAIL_TEMP,
		N_("no answer in time. A firewall may block the port: many providers block port "
		   "25 and leave 587 open")},
	[NET_TROUBLE_NETWORK] = {FAIL_TEMP,
		N_("the connection broke before it was ready. Try again in a few minutes")},
	[NET_TROUBLE_PROXY] = {FAIL_TEMP,
		N_("the proxy did not make the connection. Check its address and what it allows")},
	[NET_TROUBLE_NO_STARTTLS] = {FAIL_PERM,
		N_("the server does not offer STARTTLS, and nothing goes out in clear text. Try "
		   "port 465 with tls: implicit; if it offered STARTTLS before, somebody may be "
		   "tampering with the line")},
	[NET_TROUBLE_STARTTLS_LATER] = {FAIL_TEMP,
		N_("the server cannot start the encryption at the moment, and nothing goes out in "
		   "clear text. Try again in a few minutes")},
	[NET_TROUBLE_INJECTED] = {FAIL_PERM,
		N_("answers came in clear text before the encryption had begun, and nothing was "
		   "sent. Somebody may be tampering with the line: try another network, or port "
		   "465 with tls: implicit; if it stays, tell the server's administrator")},
	[NET_TROUBLE_TLS] = {FAIL_PERM,
		N_("no encrypted connection could be agreed on. TLS 1.2 or newer is needed; check "
		   "that the port fits tls: (587 starttls, 465 implicit)")},
	[NET_TROUBLE_CERT] = {FAIL_PERM,
		N_("the server's certificate is not signed by an authority that this computer "
		   "trusts. For a server of your own, give its authority's certificate as "
		   "ca_file")},
	[NET_TROUBLE_CERT_DATE] = {FAIL_PERM,
		N_("the server's certificate has expired or is not valid yet. Check this "
		   "computer's clock, then tell the server's administrator")},
	[NET_TROUBLE_CERT_NAME] = {FAIL_PERM,
		N_("the server's certificate is for another name. Check the spelling of the host: "
		   "it must be the name that your provider gives")},
	[NET_TROUBLE_GREETING] = {FAIL_PERM,
		N_("the server does not want to talk to this computer. Its administrator or your "
		   "provider can say why")},
	[NET_TROUBLE_CONF] = {FAIL_CONF,
		N_("the connection's settings cannot be used: check the host, ca_file, "
		   "client_cert and client_key (a key without a passphrase), and "
		   "source_address")},
	[NET_TROUBLE_CLIENT_CERT] = {FAIL_PERM,
		N_("the server wants a certificate from us that it trusts: give one as "
		   "client_cert, with its key as client_key, or ask its administrator which "
		   "one it takes")},
};

/* The same for a server that keeps mail: other ports, and nothing is sent. */
static const char *const mailbox_texts[] = {
	[NET_TROUBLE_REFUSED] =
		N_("nobody answers on that port: the connection was refused. Check the port (993 "
		   "for IMAP, 995 for POP3; with STARTTLS 143 and 110) and that the server runs"),
	[NET_TROUBLE_TIMEOUT] =
		N_("no answer in time. The server has too much to do, or a firewall blocks the "
		   "port: 993 (IMAP) and 995 (POP3) are the usual ones"),
	[NET_TROUBLE_NO_STARTTLS] =
		N_("the server does not offer STARTTLS, and no password goes out in clear text. "
		   "Try port 993 (POP3: 995) with tls: implicit; if it offered STARTTLS before, "
		   "somebody may be tampering with the line"),
	[NET_TROUBLE_INJECTED] =
		N_("answers came in clear text before the encryption had begun, and no password "
		   "was sent. Somebody may be tampering with the line: try another network, or "
		   "port 993 (POP3: 995) with tls: implicit"),
	[NET_TROUBLE_TLS] =
		N_("no encrypted connection could be agreed on. TLS 1.2 or newer is needed; check "
		   "that the port fits tls: (IMAP: 143 starttls, 993 implicit; POP3: 110 starttls, "
		   "995 implicit)"),
	[NET_TROUBLE_CLIENT_CERT] =
		N_("the server wants a certificate from us, which mailboxes cannot give: ask its "
		   "administrator for another way in"),
	[NET_TROUBLE_MAX] = NULL,
};

static const char *words_of(const struct net_conn *conn, enum net_trouble trouble)
{
	if (conn->protocol != NET_SMTP && mailbox_texts[trouble] != NULL)
		return _(mailbox_texts[trouble]);
	return _(troubles[trouble].text);
}

void net_trouble_tell(struct net_conn *conn, enum net_trouble trouble)
{
	enum fail_kind kind = troubles[trouble].kind;

	conn->trouble = trouble;
	/* A mailbox is full of connections, or its server stops: no code says for how long. */
	if (trouble == NET_TROUBLE_GREETING &&
		(conn->protocol != NET_SMTP || conn->reply_code / 100 == 4))
		kind = FAIL_TEMP;
	(void)fail_set(&conn->fail, kind, _("%s:%u: %s"), conn->host, (unsigned)conn->port,
		words_of(conn, trouble));
	if (trouble == NET_TROUBLE_GREETING && conn->said.len > 0)
		(void)fail_wrap(&conn->fail, "%s", conn->said.p);
	else if (conn->reply_code >= 400)
		(void)fail_wrap(&conn->fail, _("answer %d"), conn->reply_code);
}
