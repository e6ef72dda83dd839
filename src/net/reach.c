#include "net/reach.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/time.h"

static void add(struct vec *out, const struct addrinfo *info)
{
	struct net_address *a = vec_push(out);
	const void *bytes =
		info->ai_family == AF_INET6
			? (const void *)&((struct sockaddr_in6 *)(void *)info->ai_addr)->sin6_addr
			: (const void *)&((struct sockaddr_in *)(void *)info->ai_addr)->sin_addr;

	memcpy(&a->addr, info->ai_addr, info->ai_addrlen);
	a->len = info->ai_addrlen;
	(void)inet_ntop(info->ai_family, bytes, a->text, sizeof a->text);
}

enum net_lookup net_lookup(const char *host, uint16_t port, struct vec *out)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	char service[8];
	int got;

	(void)snprintf(service, sizeof service, "%u", (unsigned)port);
	got = getaddrinfo(host, service, &hints, &list);
	if (got == EAI_NONAME)
		return NET_LOOKUP_UNKNOWN;
	if (got != 0)
		return NET_LOOKUP_FAILED;
	for (const struct addrinfo *i = list; i != NULL; i = i->ai_next)
		if ((i->ai_family == AF_INET || i->ai_family == AF_INET6) &&
			out->len < NET_ADDRESSES_MAX)
			add(out, i);
	freeaddrinfo(list);
	return out->len > 0 ? NET_LOOKUP_FOUND : NET_LOOKUP_UNKNOWN;
}

/* Until the socket is ready, through signals. 1, or 0: the time is over. */
static int ready(int fd, short events, int64_t until)
{
	struct pollfd p = {.fd = fd, .events = events};
	int got;

	do {
		int64_t left = until - time_monotonic();

		got = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (got < 0 && errno == EINTR);
	return got > 0;
}

/* What became of a connect that takes its time: 0 or an errno. */
static int connected(int fd, int64_t until)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (errno != EINPROGRESS)
		return errno;
	if (!ready(fd, POLLOUT, until))
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

int net_reach(const struct net_address *to, int timeout_ms)
{
	int64_t until = time_monotonic() + timeout_ms;
	int fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&to->addr, to->len) != 0)
		error = connected(fd, until);
	if (error == 0)
		return fd;
	(void)close(fd);
	errno = error;
	return -1;
}

int net_hear(int fd, int timeout_ms, char *line, size_t size)
{
	int64_t until = time_monotonic() + timeout_ms;
	size_t len = 0;

	while (len + 1 < size) {
		ssize_t got;

		if (!ready(fd, POLLIN, until))
			break;
		got = recv(fd, line + len, size - 1 - len, 0);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0 && len == 0)
			return -1;
		if (got <= 0 || memchr(line + len, '\n', (size_t)got) != NULL) {
			len += got > 0 ? (size_t)got : 0;
			break;
		}
		len += (size_t)got;
	}
	line[len] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return (int)strlen(line);
}
