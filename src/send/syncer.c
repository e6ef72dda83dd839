#include "send/syncer.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "store/delivery.h"

enum wish { WISH_NONE, WISH_SYNC, WISH_END };

struct syncer {
	struct store_sender *sender;
	void (*woken)(void *ctx);
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock; /* over the rest but busy, which is the owner's */
	pthread_cond_t asked;
	enum wish wish;
	bool over;
	int error; /* errno of the last wait */
	bool busy;
};

static enum wish next_wish(struct syncer *s)
{
	enum wish wish;

	(void)pthread_mutex_lock(&s->lock);
	while (s->wish == WISH_NONE)
		(void)pthread_cond_wait(&s->asked, &s->lock);
	wish = s->wish;
	if (wish == WISH_SYNC)
		s->wish = WISH_NONE;
	(void)pthread_mutex_unlock(&s->lock);
	return wish;
}

static void *work(void *arg)
{
	struct syncer *s = arg;

	while (next_wish(s) == WISH_SYNC) {
		int error = store_sender_sync(s->sender);

		(void)pthread_mutex_lock(&s->lock);
		s->error = error;
		s->over = true;
		(void)pthread_mutex_unlock(&s->lock);
		s->woken(s->ctx);
	}
	return NULL;
}

/* Signals are for the main thread, whose wait they must end. */
static int start(struct syncer *s)
{
	sigset_t all, before;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, NULL, work, s);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

int syncer_new(struct store_sender *sender, void (*woken)(void *ctx), void *ctx,
	struct syncer **out, struct fail *f)
{
	struct syncer *s = mem_alloc(sizeof *s);
	int error;

	*s = (struct syncer){.sender = sender, .woken = woken, .ctx = ctx};
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->asked, NULL);
	error = start(s);
	if (error != 0) {
		(void)pthread_cond_destroy(&s->asked);
		(void)pthread_mutex_destroy(&s->lock);
		free(s);
		return fail_set(f, FAIL_TEMP, _("cannot start a thread: %s"), strerror(error));
	}
	*out = s;
	return 0;
}

static void wish(struct syncer *s, enum wish what)
{
	(void)pthread_mutex_lock(&s->lock);
	s->wish = what;
	(void)pthread_cond_signal(&s->asked);
	(void)pthread_mutex_unlock(&s->lock);
}

void syncer_free(struct syncer **s)
{
	struct syncer *dead = *s;

	if (dead == NULL)
		return;
	*s = NULL;
	wish(dead, WISH_END);
	(void)pthread_join(dead->thread, NULL);
	(void)pthread_cond_destroy(&dead->asked);
	(void)pthread_mutex_destroy(&dead->lock);
	free(dead);
}

void syncer_begin(struct syncer *s)
{
	s->busy = true;
	wish(s, WISH_SYNC);
}

bool syncer_busy(const struct syncer *s)
{
	return s->busy;
}

int syncer_take(struct syncer *s, struct fail *f)
{
	bool over;
	int error;

	(void)pthread_mutex_lock(&s->lock);
	over = s->over;
	error = s->error;
	s->over = false;
	(void)pthread_mutex_unlock(&s->lock);
	if (!over)
		return 0;
	s->busy = false;
	if (error == 0)
		return 1;
	return fail_set(f, FAIL_STORE,
		_("what was noted could not be brought to disk (%s), so the messages that "
		  "waited for it were not sent; make room or look at the disk, then resume"),
		strerror(error));
}
