#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "settings/settings_private.h"

const char *settings_folder_of(struct settings_state *state, const char *file)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		return ".";
	if (slash == file)
		return "/";
	return arena_dupz(&state->arena, view_make(file, (size_t)(slash - file)));
}

/* Reads the file into out. Returns 0, or -1 with f set. */
static int read_file(const char *path, struct str *out, bool *shared, struct fail *f)
{
	/* O_NONBLOCK: a named pipe must not keep us waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t got = 1;
	char *room;

	if (fd < 0)
		return fail_set(f, FAIL_CONF, _("this file cannot be opened: %s"), strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return fail_set(f, FAIL_CONF, _("this is not a file"));
	}
	*shared = (st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) != 0;
	room = str_room(out, SETTINGS_FILE_MAX + 1);
	while (got > 0 && out->len <= SETTINGS_FILE_MAX) {
		got = read(fd, room + out->len, SETTINGS_FILE_MAX + 1 - out->len);
		if (got > 0)
			str_added(out, (size_t)got);
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	(void)close(fd);
	if (got < 0)
		return fail_set(f, FAIL_CONF, _("this file cannot be read: %s"), strerror(errno));
	if (out->len > SETTINGS_FILE_MAX)
		return fail_set(f, FAIL_CONF,
			_("this file is longer than 1 MiB; it cannot be a configuration"));
	return 0;
}

static void load_file(struct settings_loader *l, const char *path, enum settings_rank rank)
{
	struct settings_source *source = arena_alloc(&l->state->arena, sizeof *source);
	struct fail f;
	struct str text;

	source->name = arena_dupz(&l->state->arena, view_of(path));
	source->folder = settings_folder_of(l->state, path);
	source->rank = rank;
	source->lines = true;
	str_init(&text, SETTINGS_FILE_MAX + 1);
	if (read_file(path, &text, &source->shared, &f) == 0)
		settings_read_yaml(l, source, str_view(&text));
	else
		settings_problem(
			l, SETTINGS_ERROR, (struct settings_place){.source = source}, "%s", f.text);
	settings_secret_wipe(&text);
}

static const char *joined(struct settings_state *state, const char *dir, const char *name)
{
	if (dir == NULL || dir[0] == '\0' || strcmp(dir, ".") == 0)
		return name;
	return settings_concat(state, view_of(dir), VIEW("/"), view_of(name));
}

/* $XDG_CONFIG_HOME/facteur/facteur.yaml; a relative one is to be ignored, as
 * the XDG base directory specification says. NULL without a home. */
static const char *home_file(struct settings_loader *l)
{
	const char *config = settings_getenv(l->sources, "XDG_CONFIG_HOME");

	if ((config == NULL || config[0] != '/') && l->state->home == NULL)
		return NULL;
	if (config == NULL || config[0] != '/')
		config = joined(l->state, l->state->home, ".config");
	return joined(l->state, config, "facteur/" SETTINGS_FILE_NAME);
}

/* The user's file, or NULL: none was asked for and none is there. */
static const char *user_file(struct settings_loader *l)
{
	const char *asked = l->sources->config_path, *path;

	if (asked == NULL)
		asked = settings_getenv(l->sources, "FACTEUR_CONFIG");
	if (asked != NULL)
		return asked;
	path = joined(l->state, l->sources->start_folder, SETTINGS_FILE_NAME);
	if (file_exists(path))
		return path;
	path = home_file(l);
	return path != NULL && file_exists(path) ? path : NULL;
}

void settings_read_files(struct settings_loader *l, const char **file)
{
	const char *system = l->sources->system_path;

	if (system == NULL)
		system = SETTINGS_SYSTEM_FILE;
	if (system[0] != '\0' && file_exists(system))
		load_file(l, system, SETTINGS_BY_SYSTEM);
	*file = user_file(l);
	if (*file != NULL)
		load_file(l, *file, SETTINGS_BY_USER);
}
