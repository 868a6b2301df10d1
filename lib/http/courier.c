/* courier.c - one thread that brings texts, one after the other.
 *
 * It keeps nothing on disk.  Invariant: neither address nor text of a letter gets into a log or an argument
 * vector.
 */
#include "http/courier.h"

#include "http/server.h"
#include "net/mail.h"
#include "proc/proc.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX 4096
#define PAUSE_NS 100000000L

struct letter {
	struct courier *courier;
	struct user_address to; /* no text: it goes nowhere */
	char subject[128];
	char text[TEXT_MAX];
};

struct courier {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct letter *queue[COURIER_QUEUE_MAX];
	size_t first, count;
	bool closing;
};

/* --- one letter --------------------------------------------------------------------------- */

static int bring_by_mail(
	const struct settings *settings, const struct letter *letter, int64_t now, struct err *err)
{
	struct mail_server server = {.url = config_text(settings->config, "mail.server"),
		.user = config_text(settings->config, "mail.user"),
		.password = config_text(settings->config, "mail.password"),
		.from = config_text(settings->config, "mail.from"),
		.time_limit_ms = COURIER_TIME_LIMIT_MS};
	struct mail mail = {.to = letter->to.text,
		.subject = letter->subject,
		.text = letter->text,
		.when = now};

	return mail_send(&server, &mail, err);
}

static int bring_by_command(const struct settings *settings, const struct letter *letter,
	const struct clock *clock, struct err *err)
{
	const char *const argv[] = {
		"/bin/sh", "-c", config_text(settings->config, "notify.sms-command"), NULL};
	_cleanup_str_ struct str input = STR_INIT(2 * TEXT_MAX);
	struct proc_command command = {
		.argv = argv, .output_max = 1024, .time_limit_ms = COURIER_TIME_LIMIT_MS};
	struct proc_result result;

	str_addf(&input, "%s\n%s", letter->to.text, letter->text);
	if (str_check(&input, err))
		return -1;
	command.input = input.data;
	command.input_len = input.len;
	if (proc_run(&command, clock, &result, err))
		return -1;
	if (result.exit_code)
		err_set(err, ERR_FAILED, "notify.sms-command %s: %s",
			result.timed_out ? "took too long" : "failed", result.errors.data);
	proc_result_release(&result);
	return result.exit_code ? -1 : 0;
}

static int bring(struct courier *courier, const struct letter *letter, struct err *err)
{
	const struct clock *clock = courier->server->options.clock;
	const struct settings *settings = settings_get(courier->server->options.settings);
	int failed = 0;

	if (letter->to.phone)
		failed = bring_by_command(settings, letter, clock, err);
	else if (letter->to.text[0])
		failed = bring_by_mail(settings, letter, clock_now_ms(clock), err);
	settings_put(settings);
	return failed;
}

/* --- the queue ---------------------------------------------------------------------------- */

static struct letter *take_letter(struct courier *courier, bool *closing)
{
	struct letter *letter = NULL;

	pthread_mutex_lock(&courier->lock);
	while (!courier->count && !courier->closing)
		pthread_cond_wait(&courier->more, &courier->lock);
	if (courier->count) {
		letter = courier->queue[courier->first];
		courier->first = (courier->first + 1) % COURIER_QUEUE_MAX;
		courier->count--;
	}
	*closing = courier->closing;
	pthread_mutex_unlock(&courier->lock);
	return letter;
}

static void *work(void *data)
{
	struct courier *courier = data;
	bool closing = false, hopeless = false;
	struct letter *letter;

	while ((letter = take_letter(courier, &closing))) {
		const struct timespec pause = {.tv_nsec = PAUSE_NS};
		struct err why = ERR_INIT;

		/* The answer shall have left before this thread works: how busy the machine is tells
		 * what is sent. */
		if (!closing)
			nanosleep(&pause, NULL);
		if (!(closing && hopeless)) {
			hopeless = bring(courier, letter, &why) != 0;
			if (hopeless)
				log_print(courier->server->options.log, LOG_WARNING,
					"a text could not be sent: %s", why.message);
		}
		mem_wipe(letter, sizeof(*letter));
		free(letter);
	}
	return NULL;
}

int courier_open(struct server *server, struct courier **out, struct err *err)
{
	struct courier *courier = mem_calloc(1, sizeof(*courier));

	if (!courier)
		return err_no_memory(err);
	courier->server = server;
	pthread_mutex_init(&courier->lock, NULL);
	pthread_cond_init(&courier->more, NULL);
	if (pthread_create(&courier->thread, NULL, work, courier)) {
		pthread_cond_destroy(&courier->more);
		pthread_mutex_destroy(&courier->lock);
		free(courier);
		return err_set(err, ERR_FAILED, "cannot start a thread");
	}
	*out = courier;
	return 0;
}

void courier_close(struct courier *courier)
{
	if (!courier)
		return;
	pthread_mutex_lock(&courier->lock);
	courier->closing = true;
	pthread_cond_broadcast(&courier->more);
	pthread_mutex_unlock(&courier->lock);
	pthread_join(courier->thread, NULL);
	pthread_cond_destroy(&courier->more);
	pthread_mutex_destroy(&courier->lock);
	free(courier);
}

static void queue_letter(struct store *store, void *data)
{
	struct letter *letter = data, *copy = mem_dup(letter, sizeof(*letter));
	struct courier *courier = letter->courier;
	bool room;

	(void)store;
	pthread_mutex_lock(&courier->lock);
	room = copy && courier->count < COURIER_QUEUE_MAX;
	if (room) {
		courier->queue[(courier->first + courier->count++) % COURIER_QUEUE_MAX] = copy;
		pthread_cond_signal(&courier->more);
	}
	pthread_mutex_unlock(&courier->lock);
	if (room)
		return;
	free(copy);
	log_print(courier->server->options.log, LOG_WARNING,
		"a text could not be sent: too many wait already");
}

static void free_letter(void *data)
{
	mem_wipe(data, sizeof(struct letter));
	free(data);
}

/* --- for handlers ------------------------------------------------------------------------- */

int courier_check(struct server *server, const struct user_address *to, struct err *err)
{
	const struct settings *settings = settings_get(server->options.settings);
	bool ready = to->phone ? config_text(settings->config, "notify.sms-command")[0] :
				 config_text(settings->config, "mail.server")[0] &&
			config_text(settings->config, "mail.from")[0];

	settings_put(settings);
	return ready ? 0 :
		       err_set(err, ERR_OFFLINE, "this server sends no %s: ask its administrator",
			       to->phone ? "short messages" : "mail");
}

int courier_send_after(struct http_call *call, const struct user_address *to, const char *subject,
	const char *text, struct err *err)
{
	struct letter *letter = mem_calloc(1, sizeof(*letter));

	if (!letter)
		return err_no_memory(err);
	letter->courier = call->server->courier;
	if (to)
		letter->to = *to;
	snprintf(letter->subject, sizeof(letter->subject), "%s", subject);
	snprintf(letter->text, sizeof(letter->text), "%s", text);
	call->response.after = (struct http_after){queue_letter, free_letter, letter};
	return 0;
}
