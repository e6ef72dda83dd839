#include "settings/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"
#include "settings/settings_private.h"

extern char **environ;

enum { REAP_PAUSE_NS = 5000000 };

bool settings_secret_is_set(const struct settings_secret *secret)
{
	return secret->value != NULL || secret->file != NULL || secret->command != NULL ||
	       secret->env != NULL;
}

void settings_secret_wipe(struct str *secret)
{
	if (secret->cap > 0)
		OPENSSL_cleanse(secret->p, secret->cap);
	str_free(secret);
}

/* Adds the first line of text, the secret itself; `from` says whose it is. Room
 * is taken at once: growing would leave copies behind. */
static int take(struct view text, const char *from, struct str *out, struct fail *f)
{
	struct view line = {0};

	(void)view_line(&text, &line);
	if (line.len == 0)
		return fail_set(
			f, FAIL_CONF, _("%s gives no password: its first line is empty"), from);
	if (line.len > SETTINGS_SECRET_MAX || view_chr(line, '\0') >= 0)
		return fail_set(f, FAIL_CONF,
			_("%s gives no password: its first line has more than %d bytes or a NUL"),
			from, SETTINGS_SECRET_MAX);
	if (str_room(out, line.len) == NULL)
		return fail_set(f, FAIL_BUG, _("there is no room for the password"));
	return str_addv(out, line);
}

/* Reads what is there now. 1: more may come, 0: that was all, -1: broken. */
static int read_some(int fd, struct str *text)
{
	ssize_t got = read(fd, text->p + text->len, SETTINGS_SECRET_OUTPUT_MAX - text->len);

	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	str_added(text, (size_t)got);
	return got > 0 ? 1 : 0;
}

static int read_file(int fd, const char *path, struct str *out, struct fail *f)
{
	struct str text;
	struct stat st;
	int more, ret = -1;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail_set(f, FAIL_CONF, _("the password file %s is not a file"), path);
	if ((st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) != 0)
		return fail_set(f, FAIL_CONF,
			_("the password file %s can be read by others; run \"chmod 600 %s\""), path,
			path);
	str_init(&text, SETTINGS_SECRET_OUTPUT_MAX);
	(void)str_room(&text, SETTINGS_SECRET_OUTPUT_MAX);
	while ((more = read_some(fd, &text)) > 0 && text.len < SETTINGS_SECRET_OUTPUT_MAX)
		;
	if (more < 0)
		(void)fail_set(f, FAIL_CONF, _("the password file %s cannot be read: %s"), path,
			strerror(errno));
	else
		ret = take(str_view(&text), path, out, f);
	settings_secret_wipe(&text);
	return ret;
}

int settings_secret_check_key(const char *path, struct fail *f)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return fail_set(f, FAIL_CONF, _("the private key %s cannot be read: %s"), path,
			strerror(errno));
	/* A group may be meant to have it, as Debian's ssl-cert is. */
	if ((st.st_mode & (S_IROTH | S_IWOTH)) != 0)
		return fail_set(f, FAIL_CONF,
			_("the private key %s can be read by everybody; run \"chmod 600 %s\""),
			path, path);
	return 0;
}

static int from_file(const char *path, struct str *out, struct fail *f)
{
	/* O_NONBLOCK: a named pipe must not keep us waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int ret;

	if (fd < 0)
		return fail_set(f, FAIL_CONF, _("the password file %s cannot be opened: %s"), path,
			strerror(errno));
	ret = read_file(fd, path, out, f);
	(void)close(fd);
	return ret;
}

static int from_env(const char *name, struct str *out, struct fail *f)
{
	const char *value = settings_env_value(name);

	if (value == NULL)
		return fail_set(f, FAIL_CONF,
			_("the environment variable %s, which should hold a password, is not set"),
			name);
	return take(view_of(value), name, out, f);
}

/* stdin is nothing, stdout the pipe, stderr ours; signals as a new program
 * expects them. Returns 0 or an errno. */
static int spawn(char *const *argv, int to_fd, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, pipe_only;
	int ret;

	(void)sigemptyset(&none);
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	if ((ret = posix_spawn_file_actions_init(&files)) != 0)
		return ret;
	if ((ret = posix_spawnattr_init(&attr)) != 0)
		goto out_files;
	if ((ret = posix_spawnattr_setflags(
		     &attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) == 0 &&
		(ret = posix_spawnattr_setsigmask(&attr, &none)) == 0 &&
		(ret = posix_spawnattr_setsigdefault(&attr, &pipe_only)) == 0 &&
		(ret = posix_spawn_file_actions_addopen(
			 &files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) == 0 &&
		(ret = posix_spawn_file_actions_adddup2(&files, to_fd, STDOUT_FILENO)) == 0)
		ret = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
out_files:
	(void)posix_spawn_file_actions_destroy(&files);
	return ret;
}

/* Reads to the end of the pipe. Returns 0, or -1: too much, too late, broken. */
static int drain(int fd, const char *name, int64_t until, struct str *text, struct fail *f)
{
	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int64_t left = until - time_monotonic();
		int more;

		if (left <= 0)
			return fail_set(f, FAIL_CONF,
				_("the password command %s took too long and was stopped"), name);
		if (poll(&wait, 1, (int)left) <= 0)
			continue; /* the clock decides */
		if (text->len == SETTINGS_SECRET_OUTPUT_MAX)
			return fail_set(f, FAIL_CONF,
				_("the password command %s prints more than %d bytes"), name,
				SETTINGS_SECRET_OUTPUT_MAX);
		more = read_some(fd, text);
		if (more < 0)
			return fail_set(f, FAIL_CONF, _("the password command %s: %s"), name,
				strerror(errno));
		if (more == 0)
			return 0;
	}
}

/* Waits for the end of the child, until the moment given. */
static int reap(pid_t pid, const char *name, int64_t until, struct fail *f)
{
	const struct timespec pause = {.tv_nsec = REAP_PAUSE_NS};
	int status;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
		if (time_monotonic() >= until) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
			return fail_set(f, FAIL_CONF,
				_("the password command %s took too long and was stopped"), name);
		}
		(void)nanosleep(&pause, NULL);
	}
	if (got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (got == pid && WIFEXITED(status))
		return fail_set(f, FAIL_CONF,
			_("the password command %s failed with exit code %d; try it in a terminal"),
			name, WEXITSTATUS(status));
	return fail_set(f, FAIL_CONF, _("the password command %s ended by a signal"), name);
}

/* The child is there; what it prints comes out of fd. */
static int listen_to(
	pid_t pid, int fd, const char *name, int64_t until, struct str *out, struct fail *f)
{
	struct str text;
	int ret;

	str_init(&text, SETTINGS_SECRET_OUTPUT_MAX);
	(void)str_room(&text, SETTINGS_SECRET_OUTPUT_MAX);
	ret = drain(fd, name, until, &text, f);
	if (ret < 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	} else {
		ret = reap(pid, name, until, f);
	}
	if (ret == 0)
		ret = take(str_view(&text), name, out, f);
	settings_secret_wipe(&text);
	return ret;
}

int settings_command_read(char *const *argv, int timeout_ms, struct str *out, struct fail *f)
{
	int64_t until = time_monotonic() + timeout_ms;
	int ends[2], broken;
	pid_t pid;
	int ret = -1;

	if (pipe(ends) < 0)
		return fail_set(
			f, FAIL_TEMP, _("the password command %s: %s"), argv[0], strerror(errno));
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	broken = spawn(argv, ends[1], &pid);
	(void)close(ends[1]);
	if (broken != 0)
		(void)fail_set(f, FAIL_CONF, _("the password command %s cannot be run: %s"),
			argv[0], strerror(broken));
	else
		ret = listen_to(pid, ends[0], argv[0], until, out, f);
	(void)close(ends[0]);
	return ret;
}

int settings_secret_read_within(
	const struct settings_secret *secret, int timeout_ms, struct str *out, struct fail *f)
{
	if (secret->value != NULL)
		return take(view_of(secret->value), _("the configuration"), out, f);
	if (secret->file != NULL)
		return from_file(secret->file, out, f);
	if (secret->command != NULL && secret->command[0] != NULL)
		return settings_command_read(secret->command, timeout_ms, out, f);
	if (secret->env != NULL)
		return from_env(secret->env, out, f);
	return fail_set(f, FAIL_CONF,
		_("no password is configured; add password_file, password_command or "
		  "password_env"));
}

int settings_secret_read(const struct settings_secret *secret, struct str *out, struct fail *f)
{
	return settings_secret_read_within(secret, SETTINGS_SECRET_TIMEOUT_MS, out, f);
}
