/* facteur - the program: locale, privacy of the process, then the command. */
#include <locale.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "cmd/cmd.h"

int main(int argc, char **argv)
{
	(void)setlocale(LC_ALL, "");
	(void)setlocale(LC_NUMERIC, "C"); /* JSON and YAML write 1.5, in every country */
	(void)bindtextdomain(CMD_PROGRAM, FCT_LOCALEDIR);
	(void)bind_textdomain_codeset(CMD_PROGRAM, "UTF-8");
	(void)textdomain(CMD_PROGRAM);
	(void)umask(S_IRWXG | S_IRWXO);
	(void)prctl(PR_SET_DUMPABLE, 0); /* no core file with addresses and passwords in it */
	(void)signal(SIGPIPE, SIG_IGN);
	return cmd_main(argc, argv);
}
