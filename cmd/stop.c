#include "cmd/stop.h"

volatile sig_atomic_t stop_signals, stop_asked;

static void on_stop(int number)
{
	(void)number;
	stop_signals = stop_signals + 1;
}

static void on_ask(int number)
{
	(void)number;
	stop_asked = stop_asked + 1;
}

static void catch (int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

void stop_catch_ask(void)
{
	catch (SIGUSR1, on_ask, 0);
}

static void catch_all(int flags)
{
	catch (SIGINT, on_stop, flags);
	catch (SIGTERM, on_stop, flags);
	catch (SIGHUP, on_stop, flags);
}

void stop_catch(void)
{
	catch_all(0);
}

void stop_catch_once(void)
{
	catch_all((int)SA_RESETHAND);
}
