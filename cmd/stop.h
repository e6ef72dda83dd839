#ifndef CMD_STOP_H
#define CMD_STOP_H
#include <signal.h>

/* stop - the signals of a run: SIGINT, SIGTERM and SIGHUP ask it to end, politely once and
 * at once when they come again; SIGUSR1 asks how it goes. */

/* From now on SIGUSR1 is counted, and ends nothing. */
void stop_catch_ask(void);
/* From now on the others are too. Without SA_RESTART: a sleep ends when one comes. */
void stop_catch(void);
/* The same, but the second one ends the program at once: for what loses nothing by it, and may
 * wait for somebody who does not answer. */
void stop_catch_once(void);

/* How many have come. */
extern volatile sig_atomic_t stop_signals, stop_asked;
#endif
