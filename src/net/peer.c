#include "net/peer.h"
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"

/* Clean, shortened copy of foreign text. */
static void copy(char *out, size_t size, struct view text)
{
	struct str clean;

	str_init(&clean, size * 8);
	(void)utf8_clean(&clean, view_sub(text, 0, size * 2));
	(void)snprintf(out, size, "%.*s", (int)utf8_floor(str_view(&clean), size - 1), clean.p);
	str_free(&clean);
}

/* The common name, else the organisation, else the whole on one line. */
static void copy_name(char *out, size_t size, const X509_NAME *name)
{
	static const int wanted[] = {NID_commonName, NID_organizationName};
	char *line;

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		int at = X509_NAME_get_index_by_NID(name, wanted[i], -1);
		unsigned char *utf8 = NULL;
		int len;

		if (at < 0)
			continue;
		len = ASN1_STRING_to_UTF8(
			&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
		if (len > 0)
			copy(out, size, view_make((const char *)utf8, (size_t)len));
		OPENSSL_free(utf8);
		if (len > 0)
			return;
	}
	line = X509_NAME_oneline(name, NULL, 0);
	if (line != NULL)
		copy(out, size, view_of(line));
	OPENSSL_free(line);
}

static int64_t moment(const ASN1_TIME *t)
{
	struct time_civil c = {0};
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	c.year = tm.tm_year + 1900;
	c.month = tm.tm_mon + 1;
	c.day = tm.tm_mday;
	c.hour = tm.tm_hour;
	c.minute = tm.tm_min;
	c.second = tm.tm_sec;
	return time_of_civil(&c);
}

static void add_name(struct str *out, const GENERAL_NAME *name)
{
	const unsigned char *p;
	int len;

	if (name->type == GEN_DNS) {
		p = ASN1_STRING_get0_data(name->d.dNSName);
		len = ASN1_STRING_length(name->d.dNSName);
		(void)str_addf(out, "%s%.*s", out->len > 0 ? ", " : "", len, (const char *)p);
		return;
	}
	if (name->type != GEN_IPADD)
		return;
	p = ASN1_STRING_get0_data(name->d.iPAddress);
	len = ASN1_STRING_length(name->d.iPAddress);
	if (len == 4)
		(void)str_addf(
			out, "%s%u.%u.%u.%u", out->len > 0 ? ", " : "", p[0], p[1], p[2], p[3]);
}

static void copy_names(char *out, size_t size, const X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	struct str text;

	str_init(&text, size);
	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++)
		add_name(&text, sk_GENERAL_NAME_value(names, i));
	copy(out, size, str_view(&text));
	GENERAL_NAMES_free(names);
	str_free(&text);
}

static void look_at(struct net_peer *peer, X509 *cert)
{
	peer->seen = true;
	copy_name(peer->subject, sizeof peer->subject, X509_get_subject_name(cert));
	copy_name(peer->issuer, sizeof peer->issuer, X509_get_issuer_name(cert));
	copy_names(peer->names, sizeof peer->names, cert);
	peer->not_before = moment(X509_get0_notBefore(cert));
	peer->not_after = moment(X509_get0_notAfter(cert));
	peer->self_signed = (X509_get_extension_flags(cert) & EXFLAG_SS) != 0;
}

static struct net_peer *peer_of(const SSL *ssl)
{
	return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

/* Called for each certificate of the chain and each fault of one; decides nothing. */
static int on_verify(int good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct net_peer *peer = peer_of(ssl);
	X509 *cert = X509_STORE_CTX_get0_cert(store);

	if (!peer->seen && cert != NULL)
		look_at(peer, cert);
	return good;
}

static void on_info(const SSL *ssl, int where, int value)
{
	struct net_peer *peer = peer_of(ssl);

	if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
		copy(peer->version, sizeof peer->version, view_of(SSL_get_version(ssl)));
		copy(peer->cipher, sizeof peer->cipher, view_of(SSL_get_cipher(ssl)));
	}
	if ((where & SSL_CB_ALERT) != 0)
		copy(peer->alert, sizeof peer->alert, view_of(SSL_alert_desc_string_long(value)));
}

void net_peer_watch(void *ssl_ctx, struct net_peer *peer)
{
	SSL_CTX *ctx = ssl_ctx;

	SSL_CTX_set_app_data(ctx, peer);
	SSL_CTX_set_verify(ctx, SSL_CTX_get_verify_mode(ctx), on_verify);
	SSL_CTX_set_info_callback(ctx, on_info);
}
