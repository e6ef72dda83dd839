/* facteur - the program: locale, privacy of the process, then the command. */
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/memory.h"
#include "cmd/place.h"

enum { LOCALE_PATH_MAX = 4096 };

/* The catalogues lie beside the program, in an installation as in a build folder. */
static void bind_catalogue(void)
{
	struct str dir;

	str_init(&dir, LOCALE_PATH_MAX);
	if (place_beside(&dir, "share/locale"))
		(void)bindtextdomain(CMD_PROGRAM, dir.p);
	else
		(void)bindtextdomain(CMD_PROGRAM, FCT_LOCALEDIR);
	str_free(&dir);
	(void)bind_textdomain_codeset(CMD_PROGRAM, "UTF-8");
	(void)textdomain(CMD_PROGRAM);
}

/* A language whose locale is not installed still gets its catalogue: gettext asks LANGUAGE,
 * under any locale but "C". */
static void choose_language(void)
{
	static const char *const vars[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	if (setlocale(LC_ALL, "") != NULL || setlocale(LC_ALL, "C.UTF-8") == NULL)
		return;
	for (size_t i = 0; i < sizeof vars / sizeof *vars; i++) {
		const char *value = getenv(vars[i]);

		if (value == NULL || value[0] == '\0')
			continue;
		(void)setenv("LANGUAGE", value, 0);
		return;
	}
}

int main(int argc, char **argv)
{
	memory_guard();
	choose_language();
	(void)setlocale(LC_NUMERIC, "C"); /* JSON and YAML write 1.5, in every country */
	bind_catalogue();
	(void)umask(S_IRWXG | S_IRWXO);
	memory_hide();
	(void)signal(SIGPIPE, SIG_IGN);
	return cmd_main(argc, argv);
}
