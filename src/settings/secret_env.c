/* Secrets in the environment: it lies in memory that a core would hold, /proc shows it, and every
 * program we start inherits it. So they are moved out of it when the configuration is read,
 * before there is another thread that might look into it. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include "base/mem.h"
#include "settings/settings_private.h"

extern char **environ;

struct taken {
	char *name;
	struct str value;
};
static struct vec taken = {.item = sizeof(struct taken)}; /* as long as the process */

static struct taken *find(const char *name)
{
	for (size_t i = 0; i < taken.len; i++) {
		struct taken *t = vec_at(&taken, i);

		if (strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

void settings_env_take(const char *name)
{
	char *value = name != NULL ? getenv(name) : NULL;
	struct taken *t;

	if (value == NULL)
		return;
	t = find(name);
	if (t == NULL) {
		t = vec_push(&taken);
		t->name = mem_dupz(name);
		str_init_secret(&t->value, SETTINGS_SECRET_OUTPUT_MAX);
	}
	str_clear(&t->value);
	(void)str_addz(&t->value, value);
	OPENSSL_cleanse(value, strlen(value));
	(void)unsetenv(name);
}

const char *settings_env_value(const char *name)
{
	const struct taken *t = find(name);
	const char *value = getenv(name);

	return value != NULL || t == NULL ? value : t->value.p;
}

void settings_env_forget(const char *const *environment, struct view value)
{
	/* What stands elsewhere than in the environment of the process is not ours. */
	if (environment == (const char *const *)environ && value.len > 0)
		OPENSSL_cleanse((char *)(uintptr_t)value.p, value.len);
}
