#include "send/clerk.h"
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"

enum order { ORDER_NONE, ORDER_WORK, ORDER_END };

struct clerk {
	struct clerk_task task;
	pthread_t thread;
	pthread_mutex_t lock; /* over order and over */
	pthread_cond_t ordered, done;
	enum order order;
	bool over;
	bool busy; /* the owner's */
};

static enum order next_order(struct clerk *c)
{
	enum order order;

	(void)pthread_mutex_lock(&c->lock);
	while (c->order == ORDER_NONE)
		(void)pthread_cond_wait(&c->ordered, &c->lock);
	order = c->order;
	if (order == ORDER_WORK)
		c->order = ORDER_NONE;
	(void)pthread_mutex_unlock(&c->lock);
	return order;
}

static void *run(void *arg)
{
	struct clerk *c = arg;

	while (next_order(c) == ORDER_WORK) {
		c->task.work(c->task.ctx);
		(void)pthread_mutex_lock(&c->lock);
		c->over = true;
		(void)pthread_mutex_unlock(&c->lock);
		(void)pthread_cond_signal(&c->done);
		if (c->task.woken != NULL)
			c->task.woken(c->task.woken_ctx);
	}
	return NULL;
}

/* Signals are for the main thread, whose wait they must end. */
static int start(struct clerk *c)
{
	sigset_t all, before;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&c->thread, NULL, run, c);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void destroy(struct clerk *c)
{
	(void)pthread_cond_destroy(&c->ordered);
	(void)pthread_cond_destroy(&c->done);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

int clerk_new(const struct clerk_task *task, struct clerk **out, struct fail *f)
{
	struct clerk *c = mem_alloc(sizeof *c);
	int error;

	c->task = *task;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->ordered, NULL);
	(void)pthread_cond_init(&c->done, NULL);
	error = start(c);
	if (error != 0) {
		destroy(c);
		return fail_set(f, FAIL_TEMP, _("cannot start a thread: %s"), strerror(error));
	}
	*out = c;
	return 0;
}

/* Signalled once the lock is free: whoever wakes would only go back to sleep for it. */
static void give(struct clerk *c, enum order order)
{
	(void)pthread_mutex_lock(&c->lock);
	c->order = order;
	(void)pthread_mutex_unlock(&c->lock);
	(void)pthread_cond_signal(&c->ordered);
}

void clerk_free(struct clerk **c)
{
	struct clerk *dead = *c;

	if (dead == NULL)
		return;
	*c = NULL;
	clerk_wait(dead);
	give(dead, ORDER_END);
	(void)pthread_join(dead->thread, NULL);
	destroy(dead);
}

void clerk_begin(struct clerk *c)
{
	assert(!c->busy);
	c->busy = true;
	give(c, ORDER_WORK);
}

bool clerk_busy(const struct clerk *c)
{
	return c->busy;
}

bool clerk_over(struct clerk *c)
{
	bool over;

	if (!c->busy)
		return false;
	(void)pthread_mutex_lock(&c->lock);
	over = c->over;
	c->over = false;
	(void)pthread_mutex_unlock(&c->lock);
	c->busy = !over;
	return over;
}

void clerk_wait(struct clerk *c)
{
	if (!c->busy)
		return;
	(void)pthread_mutex_lock(&c->lock);
	while (!c->over)
		(void)pthread_cond_wait(&c->done, &c->lock);
	c->over = false;
	(void)pthread_mutex_unlock(&c->lock);
	c->busy = false;
}
