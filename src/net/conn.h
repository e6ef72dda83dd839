#ifndef NET_CONN_H
#define NET_CONN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/view.h"
struct fail;
struct net_loop;
struct net_peer;

/* conn - one connection to a mail server: name lookup, TCP, proxy, greeting, EHLO
 * and STARTTLS with certificate and host check are libcurl's (CONNECT_ONLY); from
 * then on it is a pipe for the caller's own protocol. By SMTP the first bytes that come
 * out of it are the server's answer to the last EHLO, the one under TLS: to say EHLO once
 * more costs a round trip, and OpenSMTPD answers it with 503. By IMAP and POP3 nothing
 * comes that was not asked for: greeting, CAPABILITY or CAPA, and STARTTLS or STLS are
 * over, and the caller asks anew, as he has to after TLS and login anyway. */
enum net_protocol { NET_SMTP, NET_IMAP, NET_POP3 };
enum net_tls {
	NET_TLS_STARTTLS, /* required: never falls back to clear text */
	NET_TLS_IMPLICIT,
	NET_TLS_NONE,
};

/* Texts are borrowed during net_conn_open only; "" or NULL where unused. */
struct net_params {
	enum net_protocol protocol;
	const char *host; /* name or address; IPv6 without brackets */
	uint16_t port;
	enum net_tls tls;
	const char *ca_file;		      /* instead of the system's authorities */
	const char *client_cert, *client_key; /* PEM files */
	const char *helo;
	/* socks5h://, socks5:// or http://, [user:password@]host:port; libcurl keeps a copy
	 * of its own for as long as the connection is there. */
	const char *proxy;
	const char *source_address; /* IPv4 or IPv6: the server is then looked up as that */
	int64_t connect_timeout;    /* ms for all of the set-up; 0: 30 seconds */
	struct net_peer *peer;	    /* filled in as the server shows itself, see net/peer.h */
};

enum net_state {
	NET_CONNECTING,
	NET_OPEN,
	NET_FAILED, /* net_conn_fail and net_conn_trouble say why */
};
enum net_trouble { /* what a person would do about it differs */
	NET_TROUBLE_NONE,
	NET_TROUBLE_NAME,    /* DNS knows no such host, or does not answer */
	NET_TROUBLE_REFUSED, /* nobody listens there */
	NET_TROUBLE_TIMEOUT,
	NET_TROUBLE_NETWORK, /* unreachable, reset, closed */
	NET_TROUBLE_PROXY,
	NET_TROUBLE_NO_STARTTLS,
	NET_TROUBLE_TLS,	    /* no common version or cipher, no TLS at all */
	NET_TROUBLE_CERT,	    /* unknown authority, self-signed, revoked */
	NET_TROUBLE_CERT_DATE,	    /* expired or not yet valid */
	NET_TROUBLE_CERT_NAME,	    /* for another host */
	NET_TROUBLE_LOGIN,	    /* 535: retrying would lock the account */
	NET_TROUBLE_LOGIN_LATER,    /* 454 */
	NET_TROUBLE_NO_AUTH,	    /* the server offers no login we know */
	NET_TROUBLE_GREETING,	    /* the server answered with a no */
	NET_TROUBLE_CONF,	    /* unusable parameters */
	NET_TROUBLE_CLIENT_CERT,    /* the server wants a certificate of ours, or another one */
	NET_TROUBLE_STARTTLS_LATER, /* 454 */
	NET_TROUBLE_INJECTED,	    /* more than 220 came before TLS: somebody in between */
	NET_TROUBLE_MAX
};

struct net_conn;

/* NULL with f set (FAIL_CONF) when the parameters cannot be used. */
struct net_conn *net_conn_open(
	struct net_loop *loop, const struct net_params *params, struct fail *f);
/* A socket that is connected already, without TLS; taken over even on failure. */
struct net_conn *net_conn_adopt(struct net_loop *loop, int fd, struct fail *f);
/* Drops it at once, without a word to the server. */
void net_conn_close(struct net_conn **conn);

enum net_state net_conn_state(const struct net_conn *conn);
/* FAIL_TEMP: the network, or 4xx; FAIL_PERM: certificate, 5xx. In words for the
 * user; never holds a secret. LOGIN, LOGIN_LATER and NO_AUTH are for those who log
 * in over the connection to say (smtp/client.h). */
const struct fail *net_conn_fail(const struct net_conn *conn);
enum net_trouble net_conn_trouble(const struct net_conn *conn);
int net_conn_reply_code(const struct net_conn *conn); /* last of the set-up; 0: none */

enum net_io { NET_IO_DONE, NET_IO_WAIT, NET_IO_END };
/* DONE: *n > 0 bytes. WAIT: nothing now; the loop wakes when there is more. END:
 * the peer closed, or an error that net_conn_fail tells. Read until WAIT: TLS may
 * hold bytes that the socket does not show. */
enum net_io net_conn_recv(struct net_conn *conn, char *buf, size_t cap, size_t *n);
/* DONE: *n > 0 bytes went out. WAIT: none; call again with the same pointer and
 * at least the same length (TLS). END: the peer is gone for writing; what it said
 * before may still be read. */
enum net_io net_conn_send(struct net_conn *conn, struct view bytes, size_t *n);
/* False: a recv would only say WAIT. */
bool net_conn_readable(const struct net_conn *conn);
bool net_conn_writable(const struct net_conn *conn);
#endif
