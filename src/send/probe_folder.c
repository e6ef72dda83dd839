#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/i18n.h"
#include "send/probe_private.h"

/* The folder that would hold the path. */
static void parent_of(const char *path, struct str *out)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		(void)str_addz(out, ".");
	else
		(void)str_addv(out, view_make(path, slash > path ? (size_t)(slash - path) : 1));
}

static void look_at_parent(struct probe *p, const char *path)
{
	struct str parent;

	str_init(&parent, PROBE_TEXT_MAX);
	parent_of(path, &parent);
	if (access(parent.p, W_OK | X_OK) == 0)
		probe_ok(p, PROBE_FOLDER,
			_("%s is not there yet and will be made with the first message; nobody is "
			  "mailed"),
			path);
	else
		probe_failed(p, PROBE_FOLDER, "folder-parent", view_of(strerror(errno)));
	str_free(&parent);
}

/* An empty file, made and removed: rights, space and a mounted disk show only so. */
static void write_there(struct probe *p, const char *path)
{
	struct str name;
	int fd;

	str_init(&name, PROBE_TEXT_MAX);
	(void)file_join(&name, path, "tmp");
	if (!file_exists(name.p)) {
		str_clear(&name);
		(void)str_addz(&name, path);
	}
	(void)str_addz(&name, "/facteur-test.XXXXXX");
	fd = mkstemp(name.p);
	if (fd < 0) {
		probe_failed(p, PROBE_FOLDER, "folder-write", view_of(strerror(errno)));
	} else {
		int good = file_write_all(fd, VIEW("x")) == 0 && fsync(fd) == 0;
		int why = errno;

		(void)close(fd);
		(void)unlink(name.p);
		if (good)
			probe_ok(p, PROBE_FOLDER,
				_("messages can be written into %s; nobody is mailed"), path);
		else
			probe_failed(p, PROBE_FOLDER, "folder-write", view_of(strerror(why)));
	}
	str_free(&name);
}

void probe_folder(struct probe *p)
{
	const char *path = p->relay.path;
	struct stat st;

	if (stat(path, &st) != 0 && errno == ENOENT)
		look_at_parent(p, path);
	else if (stat(path, &st) != 0)
		probe_failed(p, PROBE_FOLDER, "folder-parent", view_of(strerror(errno)));
	else if (!S_ISDIR(st.st_mode))
		probe_failed(p, PROBE_FOLDER, "folder-write", view_of(_("it is a file")));
	else
		write_there(p, path);
}
