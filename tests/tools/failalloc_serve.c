/* failalloc, the other half - a program that is loaded once and run many times: the loader and
 * the constructors of its libraries take longer than most of its runs.
 *
 *	FAILALLOC_SERVE=FD LD_PRELOAD=libfailalloc.so PROGRAM
 *
 * The program stops before its main() and reads runs from stdin. Each is an uint32_t, the
 * number of bytes that follow, and then words that end in NUL: AT (0: nothing fails), ONCE (0
 * or 1, or "walk:EACH" for failalloc_walk.c), the folder to run in, and the arguments from argv[0] on. Each run is a child that
 * goes on into main() with stdin from /dev/null and the stdout and stderr of this process.
 * When it is over, its wait status is written to FD, an int. The end of stdin is the end.
 */
#include "failalloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

enum limit { WORDS_BYTES_MAX = 8192, WORDS_MAX = 64, WORDS_BEFORE_ARGV = 3 };

typedef int main_function(int, char **, char **);
typedef void function(void);
typedef int start_function(
	main_function *, int, char **, function *, function *, function *, void *);

/* What the program calls to have main() called: here is the moment between the two. */
start_function __libc_start_main;

static char bytes[WORDS_BYTES_MAX];
static char *words[WORDS_MAX + 1]; /* the last one is NULL */

static bool read_all(void *to, size_t size)
{
	char *p = to;

	while (size > 0) {
		ssize_t n = read(STDIN_FILENO, p, size);

		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

/* How many words the next run has; 0 at the end. */
static int next_run(void)
{
	uint32_t size;
	int count = 0;

	if (!read_all(&size, sizeof size) || size > sizeof bytes || !read_all(bytes, size))
		return 0;
	for (char *p = bytes; p < bytes + size && count < WORDS_MAX; p += strlen(p) + 1)
		words[count++] = p;
	words[count] = NULL;
	return count;
}

static void become_run(int answers)
{
	static const char walk[] = "walk:";
	uint64_t at = strtoull(words[0], NULL, 10);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || chdir(words[2]) != 0 || null < 0 ||
		dup2(null, STDIN_FILENO) < 0 || close(null) != 0 || close(answers) != 0)
		abort();
	failalloc_arm(0, false);
	if (strncmp(words[1], walk, sizeof walk - 1) == 0)
		failalloc_walk(at, strtoull(words[1] + sizeof walk - 1, NULL, 10));
	else
		failalloc_arm(at, words[1][0] == '1');
}

/* Returns in each run, with the number of its words. */
static int serve(int answers)
{
	for (;;) {
		int status, count = next_run();
		pid_t child = count > WORDS_BEFORE_ARGV ? fork() : -1;

		if (child == 0) {
			become_run(answers);
			return count;
		}
		if (child < 0 || waitpid(child, &status, 0) != child ||
			write(answers, &status, sizeof status) != sizeof status)
			_exit(count > 0);
	}
}

static uint64_t from_environment(const char *name)
{
	const char *text = getenv(name);

	return text == NULL ? 0 : strtoull(text, NULL, 10);
}

int __libc_start_main(main_function *go, int argc, char **argv, function *begin, function *end,
	function *end_of_loader, void *stack)
{
	const char *answers = getenv("FAILALLOC_SERVE");
	start_function *next;

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	failalloc_arm(from_environment("FAILALLOC_AT"), from_environment("FAILALLOC_ONCE") != 0);
	if (answers != NULL) {
		argc = serve((int)strtol(answers, NULL, 10)) - WORDS_BEFORE_ARGV;
		argv = words + WORDS_BEFORE_ARGV;
	}
	return next(go, argc, argv, begin, end, end_of_loader, stack);
}
