#include "fetch/link.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"
#include "fetch/fetch_private.h"
#include "net/loop.h"
#include "settings/settings.h"

/* One turn of the loop, and how long it took. */
static int turn(struct fetch_link *link, struct fail *f)
{
	int64_t began = time_monotonic();
	int left = link->patience_ms - (int)link->waited;

	if (left > FETCH_WAIT_MS)
		left = FETCH_WAIT_MS;
	if (net_loop_run(link->loop, left > 0 ? left : 0, f) < 0 ||
		fetch_tell_wait(link->reader, f) < 0)
		return -1;
	link->waited += time_monotonic() - began;
	if (link->waited < link->patience_ms)
		return 0;
	if (link->came < FETCH_TRICKLE)
		return fail_set(f, FAIL_TEMP, "%s",
			_("the server stopped answering. It may have too much to do: try again in "
			  "a few minutes"));
	link->waited = 0;
	link->came = 0;
	return 0;
}

static void begin_wait(struct fetch_link *link)
{
	link->waited = 0;
	link->came = 0;
}

static int set_up(struct fetch_link *link, enum net_trouble *trouble, struct fail *f)
{
	begin_wait(link);
	while (net_conn_state(link->conn) == NET_CONNECTING)
		if (turn(link, f) < 0)
			return -1;
	if (net_conn_state(link->conn) == NET_OPEN)
		return 0;
	*trouble = net_conn_trouble(link->conn);
	*f = *net_conn_fail(link->conn);
	return -1;
}

int fetch_link_open(struct fetch_link *link, const struct settings_mailbox *box,
	enum net_protocol protocol, struct net_peer *peer, enum net_trouble *trouble,
	struct fail *f)
{
	static const enum net_tls tls[] = {
		[SETTINGS_TLS_STARTTLS] = NET_TLS_STARTTLS,
		[SETTINGS_TLS_IMPLICIT] = NET_TLS_IMPLICIT,
		[SETTINGS_TLS_NONE] = NET_TLS_NONE,
	};
	const struct net_params params = {
		.protocol = protocol,
		.host = box->host,
		.port = (uint16_t)box->port,
		.tls = tls[box->tls],
		.ca_file = box->ca_file,
		.connect_timeout = FETCH_CONNECT_MS,
		.peer = peer,
	};

	*trouble = NET_TROUBLE_NONE;
	link->patience_ms = FETCH_PATIENCE_MS;
	link->loop = net_loop_new(f);
	if (link->loop == NULL)
		return -1;
	link->conn = net_conn_open(link->loop, &params, f);
	if (link->conn != NULL && set_up(link, trouble, f) == 0)
		return 0;
	fetch_link_close(link);
	return -1;
}

void fetch_link_close(struct fetch_link *link)
{
	net_conn_close(&link->conn);
	net_loop_free(&link->loop);
	link->have = VIEW("");
}

int fetch_link_write(struct fetch_link *link, struct view bytes, struct fail *f)
{
	begin_wait(link);
	while (bytes.len > 0) {
		size_t n;

		switch (net_conn_send(link->conn, bytes, &n)) {
		case NET_IO_DONE:
			bytes = view_from(bytes, n);
			begin_wait(link);
			break;
		case NET_IO_WAIT:
			if (turn(link, f) < 0)
				return -1;
			break;
		default:
			return fail_set(f, FAIL_TEMP, _("the connection to the server broke: %s"),
				net_conn_fail(link->conn)->text);
		}
	}
	return 0;
}

int fetch_link_read(struct fetch_link *link, struct fail *f)
{
	while (link->have.len == 0) {
		size_t n;

		switch (net_conn_recv(link->conn, link->buffer, sizeof link->buffer, &n)) {
		case NET_IO_DONE:
			link->have = view_make(link->buffer, n);
			link->came += n;
			break;
		case NET_IO_WAIT:
			if (turn(link, f) < 0)
				return -1;
			break;
		default:
			return fail_set(f, FAIL_TEMP, _("the connection to the server broke: %s"),
				net_conn_fail(link->conn)->text);
		}
	}
	return 0;
}
