#include "store/sender.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include "base/view.h"

enum {
	STAT_SIZE = 1024,
	STAT_BORN = 22 - 2, /* fields after the name, which may hold anything */
};

/* Up to size - 1 bytes of a small file; empty, and the errno, when it cannot be read. */
static int read_small(const char *dir, const char *name, char *out, size_t size)
{
	char path[256];
	ssize_t got = -1;
	int fd, why = 0;

	out[0] = '\0';
	(void)snprintf(path, sizeof path, "%s%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		got = read(fd, out, size - 1);
	if (got < 0)
		why = errno;
	if (fd >= 0)
		(void)close(fd);
	out[got > 0 ? got : 0] = '\0';
	return why;
}

static void first_line(char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
}

/* The 22nd field of proc(5) stat; the second one is the name in parentheses, the third
 * the state: a zombie (killed, and nobody has asked for its code) sends no more, and one
 * that is stopped nothing at present. */
static int64_t read_born(const char *stat, bool *stopped)
{
	const char *p = strrchr(stat, ')');
	struct view rest, field = VIEW("");
	uint64_t born;

	if (p == NULL || p[1] != ' ' || p[2] == 'Z' || p[2] == 'X')
		return -1;
	*stopped = p[2] == 'T' || p[2] == 't';
	rest = view_of(p + 2);
	for (int i = 0; i < STAT_BORN; i++) {
		if (!view_split(&rest, ' ', &field))
			return -1;
	}
	return view_u64(field, INT64_MAX, &born) ? (int64_t)born : -1;
}

/* -1: no such process, or a zombie; *known false when it cannot be told. */
static int64_t born_of(const char *proc, int64_t pid, bool *known, bool *stopped)
{
	char name[32], stat[STAT_SIZE];
	int why;

	(void)snprintf(name, sizeof name, "/%" PRId64 "/stat", pid);
	why = read_small(proc, name, stat, sizeof stat);
	*known = why == 0 || why == ENOENT || why == ESRCH;
	return why == 0 ? read_born(stat, stopped) : -1;
}

void sender_self(const char *proc, struct sender_id *out)
{
	char link[128];
	ssize_t len;
	bool known, stopped;

	memset(out, 0, sizeof *out);
	(void)read_small("/etc", "/machine-id", out->machine, sizeof out->machine);
	first_line(out->machine);
	if (out->machine[0] == '\0' && gethostname(out->machine, sizeof out->machine - 1) < 0)
		out->machine[0] = '\0';
	(void)read_small(proc, "/sys/kernel/random/boot_id", out->boot, sizeof out->boot);
	first_line(out->boot);
	(void)snprintf(link, sizeof link, "%s/self/ns/pid", proc);
	len = readlink(link, out->space, sizeof out->space - 1);
	out->space[len > 0 ? len : 0] = '\0';
	out->pid = getpid();
	out->born = born_of(proc, out->pid, &known, &stopped);
}

enum sender_life sender_life(const struct sender_id *other, int64_t beat,
	const struct sender_id *self, const char *proc, int64_t now)
{
	bool machine = self->machine[0] != '\0' && strcmp(other->machine, self->machine) == 0;
	bool boot = self->boot[0] != '\0' && strcmp(other->boot, self->boot) == 0;
	bool space = self->space[0] != '\0' && strcmp(other->space, self->space) == 0;
	bool known = false, stopped = false;
	int64_t born = -1;

	if (machine && self->boot[0] != '\0' && other->boot[0] != '\0' && !boot)
		return SENDER_DEAD;
	if (machine && boot && space && other->born >= 0)
		born = born_of(proc, other->pid, &known, &stopped);
	if (known && born != other->born)
		return SENDER_DEAD;
	if ((known && !stopped) || beat > now - SENDER_LEASE_MS)
		return SENDER_ALIVE;
	return SENDER_SILENT;
}
