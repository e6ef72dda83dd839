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

static void catch (int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

void stop_catch_ask(void)
{
	catch (SIGUSR1, on_ask);
}

void stop_catch(void)
{
	catch (SIGINT, on_stop);
	catch (SIGTERM, on_stop);
	catch (SIGHUP, on_stop);
}
