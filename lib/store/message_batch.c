/* message_batch.c - many messages in few transactions; see message.h.
 *
 * Invariant: an answer is given only after the transaction that holds its message was committed,
 * and answers are in the order of the lines.
 */
#include "store/message_inner.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#define ANSWERS_HELD 4096                 /* lines in one transaction at most */
#define LINE_MAX     ((size_t)256 * 1024) /* bytes of JSON: the longest text, all of it escaped */

struct message_batch {
	struct store *store;
	struct message_batch_options options;
	struct event_tx *tx; /* NULL: none open */
	struct vec answers;  /* struct message_answer, waiting for the commit */
	uint64_t lines, said, refused;
};

int message_batch_open(struct store *store, const struct message_batch_options *options,
	struct message_batch **out, struct err *err)
{
	struct message_batch *batch = mem_calloc(1, sizeof(*batch));

	if (!batch)
		return err_no_memory(err);
	batch->store = store;
	batch->options = *options;
	batch->answers = (struct vec)VEC_INIT(struct message_answer, ANSWERS_HELD);
	*out = batch;
	return 0;
}

void message_batch_close(struct message_batch **batch)
{
	if (!*batch)
		return;
	event_rollback(&(*batch)->tx);
	vec_release(&(*batch)->answers);
	free(*batch);
	*batch = NULL;
}

/* --- one line --------------------------------------------------------------------------- */

/* Owned values of a parsed line; the draft borrows them. */
struct line {
	json_t *json;
	struct sha256 photo;
	struct uuid reply_to;
	struct message_draft draft;
};

/* Text without a zone is meant in the machine's zone. */
static int parse_iso(const char *text, int64_t *out, struct err *err)
{
	int64_t wall;
	int32_t offset;

	if (time_parse_wall(text, &wall, &offset, NULL, err))
		return err_prefix(err, "\"time\"");
	if (offset == TIME_OFFSET_NONE)
		offset = time_local_offset(wall - (int64_t)time_local_offset(wall) * 60000);
	*out = wall - (int64_t)offset * 60000;
	return 0;
}

static int parse_time(const json_t *json, int64_t *said, struct err *err)
{
	const json_t *time = json_object_get(json, "time");

	*said = MESSAGE_NOW;
	if (!json_is_string(time))
		return wire_get_int(json, "time", WIRE_OPTIONAL, 0, INT64_MAX, said, err);
	if (parse_iso(json_string_value(time), said, err))
		return -1;
	if (*said < 0)
		return err_set(err, ERR_INVALID, "\"time\" is before 1970");
	return 0;
}

static int find_photo(struct message_batch *batch, struct line *line, struct err *err)
{
	const char *text = NULL;
	struct photo_ref photo;

	if (wire_get_text(line->json, "photo", WIRE_OPTIONAL, 256, &text, err))
		return -1;
	if (!text)
		return 0;
	if (resolve_photo(batch->store, text, &batch->options.album, RESOLVE_SHOWN, &photo, err))
		return -1;
	line->photo = photo.id;
	line->draft.photo = &line->photo;
	return 0;
}

static int find_reply(struct message_batch *batch, struct line *line, struct err *err)
{
	const char *text = NULL;
	struct message_ref message;

	if (wire_get_text(line->json, "reply_to", WIRE_OPTIONAL, 256, &text, err))
		return -1;
	if (!text)
		return 0;
	if (resolve_message(batch->store, text, &batch->options.album, RESOLVE_ANY, &message, err))
		return -1;
	line->reply_to = message.id;
	line->draft.reply_to = &line->reply_to;
	return 0;
}

static int parse_line(struct message_batch *batch, const char *text, size_t len, struct line *line,
	struct err *err)
{
	static const char *const keys[] = {"photo", "reply_to", "text", "time", NULL};
	const char *said = NULL;

	line->json = wire_parse(text, len, LINE_MAX, err);
	if (!line->json || wire_only_keys(line->json, keys, err) ||
		wire_get_text(line->json, "text", WIRE_REQUIRED, SIZE_MAX, &said, err))
		return -1;
	line->draft.album = batch->options.album.key;
	line->draft.text = said;
	line->draft.len = strlen(said);
	return message_check_text(said, line->draft.len, err) ||
			parse_time(line->json, &line->draft.said, err) ||
			find_photo(batch, line, err) || find_reply(batch, line, err) ?
		-1 :
		0;
}

/* --- answers ---------------------------------------------------------------------------- */

/* What is wrong with one line and leaves the others alone. */
static bool is_refusal(enum err_kind kind)
{
	switch (kind) {
	case ERR_INVALID:
	case ERR_USAGE:
	case ERR_DENIED:
	case ERR_NOT_FOUND:
	case ERR_CONFLICT:
	case ERR_TOO_LARGE:
		return true;
	default:
		return false;
	}
}

static int flush(struct message_batch *batch, struct err *err)
{
	if (batch->tx && event_commit(&batch->tx, err))
		return -1;
	vec_foreach (&batch->answers, struct message_answer, answer) {
		if (answer->err.kind == ERR_NONE)
			batch->said++;
		else
			batch->refused++;
		if (batch->options.answer &&
			batch->options.answer(batch->options.data, answer, err))
			return -1;
	}
	vec_clear(&batch->answers);
	return 0;
}

static int add_answer(struct message_batch *batch, const struct receipt *receipt,
	const struct err *why, struct err *err)
{
	struct message_answer *answer = vec_push_or(&batch->answers, err);

	if (!answer)
		return -1;
	answer->line = batch->lines;
	if (receipt)
		answer->receipt = *receipt;
	if (why)
		answer->err = *why;
	if (batch->answers.count == ANSWERS_HELD || (batch->tx && event_should_commit(batch->tx)))
		return flush(batch, err);
	return 0;
}

int message_batch_refuse(struct message_batch *batch, const struct err *why, struct err *err)
{
	batch->lines++;
	return add_answer(batch, NULL, why, err);
}

static int submit_line(
	struct message_batch *batch, const struct line *line, struct receipt *out, struct err *err)
{
	if (batch->options.dry_run)
		return 0;
	return message_submit(batch->tx, batch->store, &line->draft, out, err);
}

int message_batch_add(struct message_batch *batch, const char *text, size_t len, struct err *err)
{
	struct line line = {.json = NULL};
	struct receipt receipt = {.key = 0};
	struct err why = ERR_INIT;
	int failed;

	/* Replies by ALBUM@SEQ see the lines before them: names are resolved in the transaction. */
	if (!batch->options.dry_run && !batch->tx &&
		event_begin(batch->store->events, "send --batch", &batch->tx, err))
		return -1;
	batch->lines++;
	failed = parse_line(batch, text, len, &line, &why) ||
		submit_line(batch, &line, &receipt, &why);
	wire_json_free(&line.json);
	if (failed && !is_refusal(why.kind)) {
		event_rollback(&batch->tx);
		*err = why;
		return err_prefix(err, "line %llu", (unsigned long long)batch->lines);
	}
	return add_answer(batch, failed ? NULL : &receipt, failed ? &why : NULL, err);
}

int message_batch_finish(
	struct message_batch *batch, uint64_t *said, uint64_t *refused, struct err *err)
{
	if (flush(batch, err))
		return -1;
	if (said)
		*said = batch->said;
	if (refused)
		*refused = batch->refused;
	return batch->said && !batch->options.dry_run ? store_settle(batch->store, err) : 0;
}
