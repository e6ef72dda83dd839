#include "cmd/place.h"
#include <string.h>
#include <unistd.h>
#include "base/file.h"
#include "base/str.h"

enum { PLACE_PATH_MAX = 4096 };

bool place_beside(struct str *out, const char *path)
{
	char self[PLACE_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self);

	str_clear(out);
	if (len <= 0 || (size_t)len == sizeof self)
		return false;
	self[len] = '\0';
	for (int up = 0; up < 2; up++) {
		char *end = strrchr(self, '/');

		if (end == NULL)
			return false;
		*end = '\0';
	}
	if (str_addf(out, "%s/%s", self, path) == 0 && file_exists(out->p))
		return true;
	str_clear(out);
	return false;
}
