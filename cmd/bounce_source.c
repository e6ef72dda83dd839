#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/vec.h"
#include "cmd/bounce_source.h"
#include "fetch/mbox.h"

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int read_mbox(
	const char *path, struct view bytes, bounce_source_each *each, void *ctx, struct fail *f)
{
	const struct view whole = bytes;
	struct mbox box;
	size_t number = 0;
	int ret = 0;

	mbox_init(&box, BOUNCE_MESSAGE_MAX);
	while (ret == 0 && mbox_take(&box, &bytes) == 1)
		ret = each(ctx, path, ++number, str_view(&box.body), f);
	if (ret == 0 && mbox_end(&box) == 1)
		ret = each(ctx, path, ++number, str_view(&box.body), f);
	mbox_free(&box);
	/* It only looks like one: its lines end in CR, say. */
	if (ret == 0 && number == 0)
		ret = each(ctx, path, 0, whole, f);
	return ret;
}

/* A single message saved with its From_ line is an mbox of one. */
static int read_file(const char *path, bounce_source_each *each, void *ctx, struct fail *f)
{
	struct str bytes;
	int ret;

	str_init(&bytes, (size_t)16 * BOUNCE_MESSAGE_MAX);
	ret = file_read(path, &bytes, f);
	if (ret == 0)
		ret = mbox_begins(str_view(&bytes))
			      ? read_mbox(path, str_view(&bytes), each, ctx, f)
			      : each(ctx, path, 0, str_view(&bytes), f);
	str_free(&bytes);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, hidden ones left out. */
static int list_dir(const char *path, struct vec *names, struct fail *f)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (dir == NULL)
		return fail_set(
			f, FAIL_NOINPUT, _("cannot read the folder %s: %s"), path, strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			*(char **)vec_push(names) = mem_dupz(entry->d_name);
	(void)closedir(dir);
	if (names->len > 1)
		qsort(names->p, names->len, sizeof(char *), by_name);
	return 0;
}

static int read_dir(const char *path, bounce_source_each *each, void *ctx, struct fail *f)
{
	struct vec names;
	struct str one;
	int ret;

	vec_init(&names, sizeof(char *));
	str_init(&one, 1 << 16);
	ret = list_dir(path, &names, f);
	for (size_t i = 0; ret == 0 && i < names.len; i++) {
		str_clear(&one);
		(void)file_join(&one, path, *(char **)vec_at(&names, i));
		if (str_ok(&one) && !is_dir(one.p))
			ret = read_file(one.p, each, ctx, f);
	}
	for (size_t i = 0; i < names.len; i++)
		free(*(char **)vec_at(&names, i));
	vec_free(&names);
	str_free(&one);
	return ret;
}

int bounce_source_read(const char *path, bounce_source_each *each, void *ctx, struct fail *f)
{
	static const char *const maildir[] = {"new", "cur"};
	struct str sub;
	int ret = 0;

	if (strcmp(path, "-") == 0 || !is_dir(path))
		return read_file(path, each, ctx, f);
	str_init(&sub, 1 << 16);
	for (size_t i = 0; ret == 0 && i < sizeof maildir / sizeof *maildir; i++) {
		str_clear(&sub);
		(void)file_join(&sub, path, maildir[i]);
		if (!is_dir(sub.p))
			break;
		ret = read_dir(sub.p, each, ctx, f);
		if (ret == 0 && i + 1 == sizeof maildir / sizeof *maildir) {
			str_free(&sub);
			return 0;
		}
	}
	str_free(&sub);
	return ret < 0 ? ret : read_dir(path, each, ctx, f);
}
