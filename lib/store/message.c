/* message.c - saying, editing and taking back; see message.h.
 *
 * Reading is in message_page.c, bulk sending in message_batch.c.  Who may do what is asked by the
 * event room.  Invariant: when message_unsend returns 0, no byte of the store's files holds the words.
 */
#include "store/message.h"
#include "store/message_inner.h"

#include <string.h>

static bool is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]))
			return false;
	return true;
}

int message_check_text(const char *text, size_t len, struct err *err)
{
	if (memchr(text, '\0', len))
		return err_set(err, ERR_INVALID, "the text holds a NUL byte");
	if (is_blank(text, len))
		return err_set(err, ERR_INVALID, "the text is empty");
	if (len > MESSAGE_TEXT_MAX)
		return err_set(err, ERR_INVALID, "the text has %zu bytes, at most %zu are allowed",
			len, MESSAGE_TEXT_MAX);
	if (!text_is_utf8(text, len))
		return err_set(err, ERR_INVALID, "the text is not UTF-8");
	return 0;
}

int message_submit(struct event_tx *tx, const struct store *store,
	const struct message_draft *message, struct receipt *out, struct err *err)
{
	_cleanup_json_ json_t *body = json_object();
	struct draft draft;

	if (message_check_text(message->text, message->len, err))
		return -1;
	wire_set_textn(&body, "text", message->text, message->len);
	if (message->photo)
		wire_set_hex(&body, "photo", message->photo->bytes, SHA256_LEN);
	if (message->reply_to)
		wire_set_uuid(&body, "reply_to", message->reply_to);
	if (message->said != MESSAGE_NOW)
		wire_set_int(&body, "said", message->said);
	if (!body)
		return err_no_memory(err);
	store_draft(store, message->album, "message.send", &draft);
	draft.body = body;
	return event_submit(tx, &draft, out, err);
}

int message_send(struct store *store, const struct message_draft *draft, struct receipt *out,
	struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct receipt receipt;

	if (store_begin(store, "send", &tx, err) ||
		message_submit(tx.tx, store, draft, &receipt, err) || store_commit(&tx, err))
		return -1;
	*out = receipt;
	return store_settle(store, err);
}

/* --- edit ------------------------------------------------------------------------------- */

static int check_differs(struct store *store, const struct message_ref *ref, const char *text,
	size_t len, struct err *err)
{
	_cleanup_message_ struct message message = {.key = 0};
	int found = message_get(store, ref->album.key, &ref->id, &message, err);

	if (found < 0)
		return -1;
	if (found && message.text && strlen(message.text) == len &&
		memcmp(message.text, text, len) == 0)
		return err_set(err, ERR_CONFLICT, "that is what the message says already");
	return 0;
}

int message_edit(struct store *store, const struct message_ref *message, const char *text,
	size_t len, struct receipt *out, struct err *err)
{
	json_t *body;
	struct draft draft;

	if (message_check_text(text, len, err) || check_differs(store, message, text, len, err))
		return -1;
	body = json_object();
	wire_set_textn(&body, "text", text, len);
	store_draft(store, message->album.key, "message.edit", &draft);
	draft.about = entity_from_uuid(&message->id);
	if (store_submit(store, &draft, body, out, err))
		return -1;
	return store_settle(store, err);
}

/* --- unsend ----------------------------------------------------------------------------- */

/* What outlives the words: where the message belongs and who is shown. */
static int read_shell(
	struct store *store, const struct message_ref *message, json_t **out, struct err *err)
{
	static const char *const kept[] = {"photo", "reply_to", "said", "speaker"};
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	_cleanup_json_ json_t *shell = json_object();
	int64_t place = event_place(message->key);
	struct event e;
	int more;

	if (event_read(store->db, message->album.key, place, place + 1, &reader, err))
		return -1;
	more = event_next(reader, &e, err);
	if (more < 0)
		return -1;
	for (size_t i = 0; more && e.json && i < ARRAY_LEN(kept); i++) {
		json_t *value = json_object_get(e.json, kept[i]);

		if (value)
			wire_set_json(&shell, kept[i], json_incref(value));
	}
	if (!shell)
		return err_no_memory(err);
	*out = mem_steal(&shell);
	return 0;
}

static int submit_unsend(struct event_tx *tx, struct store *store,
	const struct message_ref *message, struct receipt *out, struct err *err)
{
	_cleanup_json_ json_t *shell = NULL;
	struct draft draft;

	if (read_shell(store, message, &shell, err))
		return -1;
	store_draft(store, message->album.key, "message.unsend", &draft);
	draft.about = entity_from_uuid(&message->id);
	draft.body = shell;
	return event_submit(tx, &draft, out, err);
}

int message_unsend(struct store *store, const struct message_ref *messages, size_t count,
	struct receipt *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	if (store_begin(store, "unsend", &tx, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (submit_unsend(tx.tx, store, &messages[i], &out[i], err))
			return -1;
	if (store_commit(&tx, err))
		return -1;
	if (store->tx || store_purge(store, err) == 0)
		return 0;
	err_prefix(err, "it is taken back, but its words are still in the store's files");
	return err_hint(err, "the next command that writes erases them");
}
