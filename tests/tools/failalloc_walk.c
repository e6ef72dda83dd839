/* failalloc, on foot - one run in which each allocation fails, as long as nothing but memory
 * was changed: at each one the process is copied, and in the copy it fails.
 *
 * A copy may do one thing: say something on stderr and end. Whatever else it tries (a lock, a
 * file, a socket) it shares with the run itself, so the kernel ends it, and the point waits for
 * a run of its own. The walk is over when the run is about to write to a file, to open a socket
 * or to begin a thread. Then, or at its end, FOLDER/walked has a line
 *	N ONCE STATUS	for each copy that did not end with exit code 75, with its wait status
 *	end N COPIES	for the last allocation that was walked over, and how many copies there were */
#include "failalloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_RESUMABLE = 75, LINE_SIZE = 64, FD_MIN = 200 /* the run's own keep their numbers */ };

typedef ssize_t write_function(int, const void *, size_t, off_t);
typedef int socket_function(int, int, int);
typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

/* By this name SQLite writes. */
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at);

static int walked = -1; /* where the lines go; -1: nobody walks */
static uint64_t stride, offset, last, copies;
static bool in_copy;

void failalloc_walk(uint64_t from, uint64_t each)
{
	int fd = open("walked", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	stride = each;
	offset = from % each;
	walked = fcntl(fd, F_DUPFD_CLOEXEC, FD_MIN);
	if (walked < 0 || close(fd) != 0)
		abort();
}

static void line(const char *text, int len)
{
	if (write(walked, text, (size_t)len) != len)
		abort();
}

static void end_of_walk(void)
{
	char text[LINE_SIZE];

	line(text, snprintf(text, sizeof text, "end %" PRIu64 " %" PRIu64 "\n", last, copies));
	walked = -1;
}

void failalloc_walk_end(void)
{
	if (walked >= 0 && !in_copy)
		end_of_walk();
}

/* Something outside would be changed: further than this one cannot walk. */
static void stop_here(void)
{
	if (walked < 0 || in_copy)
		return;
	end_of_walk();
	_exit(0);
}

/* Only stderr and the end are left; memory is the copy's own. */
static void shut_in(void)
{
	static struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_brk, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, STDERR_FILENO, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static struct sock_fprog program = {sizeof rules / sizeof *rules, rules};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		abort();
}

/* True in the copy. */
static bool copy(uint64_t n, bool once)
{
	char text[LINE_SIZE];
	int status;
	pid_t child = fork();

	if (child == 0) {
		in_copy = true;
		shut_in();
		return true;
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	copies++;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_RESUMABLE)
		line(text, snprintf(text, sizeof text, "%" PRIu64 " %d %d\n", n, once, status));
	return false;
}

void failalloc_walk_step(uint64_t n)
{
	int error = errno;

	if (walked < 0 || in_copy)
		return;
	last = n;
	if (n % stride == offset) {
		if (copy(n, true))
			failalloc_set(n, true);
		else if (copy(n, false))
			failalloc_set(n, false);
	}
	errno = error;
}

/* One byte is how SQLite makes room for its index of the log: no change. */
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	write_function *next;

	if (size > 1)
		stop_here();
	*(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
	return next(fd, bytes, size, at);
}

int socket(int domain, int type, int protocol)
{
	socket_function *next;

	stop_here();
	*(void **)&next = dlsym(RTLD_NEXT, "socket");
	return next(domain, type, protocol);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*start)(void *), void *ctx)
{
	create_function *next;

	stop_here();
	*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	return next(thread, how, start, ctx);
}
