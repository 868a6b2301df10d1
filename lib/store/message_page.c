/* message_page.c - reading talk, a page at a time; see message.h.
 *
 * Nothing here changes anything.  Invariant: a page is found by an index on (album, when, id), so
 * its cost does not grow with the talk.
 */
#include "store/message.h"

#include <stdlib.h>
#include <string.h>

/* What every query of messages selects, in the order that `fill` reads. */
#define MESSAGE_SELECT                                                                             \
	"SELECT m.key, m.id, m.author, p.name, s.time, m.\"when\", t.body ->> '$.text', m.photo,"  \
	" m.reply_to, m.edited, m.deleted,"                                                        \
	" (SELECT count(*) FROM view_reaction r WHERE r.album = m.album AND r.about = m.id"        \
	"  AND r.name = 'like'),"                                                                  \
	" EXISTS(SELECT 1 FROM view_reaction r WHERE r.album = m.album AND r.about = m.id"         \
	"  AND r.author = :me AND r.name = 'like')"
#define MESSAGE_JOIN                                                                               \
	" CROSS JOIN event s ON s.key = m.key LEFT JOIN event t ON t.key = m.text"                 \
	" LEFT JOIN view_participant p ON p.album = m.album AND p.id = m.author"
#define NEWEST_FIRST " ORDER BY m.\"when\" DESC, m.id DESC LIMIT :limit"

void message_release(struct message *message)
{
	mem_free_pointer(&message->author_name);
	mem_free_pointer(&message->text);
}

void message_page_release(struct message_page *page)
{
	vec_foreach (&page->messages, struct message, message)
		message_release(message);
	vec_release(&page->messages);
	page->more = false;
}

/* A blob of exactly `len` bytes; false when the column is NULL or something else. */
static bool take_blob(const struct db_rows *rows, int column, void *out, size_t len)
{
	size_t got;
	const void *bytes = db_blob(rows, column, &got);

	if (!bytes || got != len)
		return false;
	memcpy(out, bytes, len);
	return true;
}

static int fill_texts(const struct db_rows *rows, struct message *out, struct err *err)
{
	const char *name = db_text(rows, 3), *text = db_text(rows, 6);

	out->author_name = mem_strdup(name ? name : "");
	out->text = mem_strdup(text);
	return out->author_name && (out->text || !text) ? 0 : err_no_memory(err);
}

/* On failure the caller still releases `out`. */
static int fill(const struct db_rows *rows, struct message *out, struct err *err)
{
	out->key = db_int(rows, 0);
	out->seq = event_state_of(out->key) == EVENT_CONFIRMED ? event_place(out->key) : 0;
	out->time = db_int(rows, 4);
	out->when = db_int(rows, 5);
	out->has_photo = take_blob(rows, 7, out->photo.bytes, SHA256_LEN);
	out->has_reply = take_blob(rows, 8, out->reply_to.bytes, sizeof(out->reply_to.bytes));
	out->edited = db_int(rows, 9);
	out->deleted = db_int(rows, 10) != 0;
	out->likes = db_int(rows, 11);
	out->liked = db_int(rows, 12) != 0;
	if (db_uuid(rows, 1, &out->id, err) || db_uuid(rows, 2, &out->author, err))
		return -1;
	return fill_texts(rows, out, err);
}

/* --- pages ------------------------------------------------------------------------------ */

static int query_page(struct store *store, const struct message_query *q,
	const struct message_position *before, struct db_rows *rows, struct err *err)
{
	static const struct db_sql all = {"message_page",
		MESSAGE_SELECT
		" FROM view_message m" MESSAGE_JOIN
		" WHERE m.album = :album AND (m.\"when\", m.id) < (:when, :id)" NEWEST_FIRST};
	static const struct db_sql about = {"message_page_photo",
		MESSAGE_SELECT " FROM view_message m" MESSAGE_JOIN
			       " WHERE m.album = :album AND m.photo = :photo"
			       " AND (m.\"when\", m.id) < (:when, :id)" NEWEST_FIRST};
	struct db_value me = DB_UUID(":me", &store->actor), album = DB_INT(":album", q->album);
	struct db_value when = DB_INT(":when", before->when), id = DB_UUID(":id", &before->id);
	struct db_value limit =
		DB_INT(":limit", q->limit + 1); /* one more says whether there is more */

	if (!q->photo)
		return db_query(store->db, &all, rows, err, me, album, when, id, limit);
	return db_query(store->db, &about, rows, err, me, album,
		DB_BLOB(":photo", q->photo->bytes, SHA256_LEN), when, id, limit);
}

static void reverse(struct vec *messages)
{
	for (size_t i = 0, j = messages->count; j && i < --j; i++) {
		struct message *a = vec_at(messages, i), *b = vec_at(messages, j), held = *a;

		*a = *b;
		*b = held;
	}
}

static int read_rows(struct db_rows *rows, size_t limit, struct message_page *page, struct err *err)
{
	int more;

	while ((more = db_next(rows, err)) == 1) {
		struct message *message;

		if (page->messages.count == limit) {
			page->more = true;
			return 0;
		}
		message = vec_push_or(&page->messages, err);
		if (!message || fill(rows, message, err))
			return -1;
	}
	return more;
}

int message_page_read(struct store *store, const struct message_query *query,
	struct message_page *out, struct err *err)
{
	static const struct message_position end = {.when = INT64_MAX};
	_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (query_page(store, query, query->before ? query->before : &end, &rows, err) ||
		read_rows(&rows, query->limit, &page, err))
		return -1;
	reverse(&page.messages);
	*out = page;
	page = (struct message_page)MESSAGE_PAGE_INIT;
	return 0;
}

int message_get(struct store *store, int64_t album, const struct uuid *id, struct message *out,
	struct err *err)
{
	static const struct db_sql sql = {"message_get",
		MESSAGE_SELECT
		" FROM event s CROSS JOIN view_message m ON m.key = s.key"
		" LEFT JOIN event t ON t.key = m.text"
		" LEFT JOIN view_participant p ON p.album = m.album AND p.id = m.author"
		" WHERE s.id = :id AND s.album = :album"};
	_cleanup_message_ struct message message = {.key = 0};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":me", &store->actor), DB_UUID(":id", id),
		    DB_INT(":album", album)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	if (fill(&rows, &message, err))
		return -1;
	*out = message;
	message = (struct message){.key = 0};
	return 1;
}

/* --- positions -------------------------------------------------------------------------- */

/* Where an event stands in the talk: a message at its place, anything else at its time. */
static int position_of_key(
	struct store *store, int64_t key, struct message_position *out, struct err *err)
{
	static const struct db_sql sql = {"message_position",
		"SELECT coalesce(m.\"when\", e.at, e.time), e.id FROM event e"
		" LEFT JOIN view_message m ON m.key = e.key WHERE e.key = :key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct message_position found = {.when = 0};
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":key", key)))
		return -1;
	more = db_next(&rows, err);
	if (more != 1)
		return more;
	found.when = db_int(&rows, 0);
	if (db_uuid(&rows, 1, &found.id, err))
		return -1;
	*out = found;
	return 1;
}

/* "…@12": the seq behind the last '@', or 0. */
static int64_t seq_of(const char *text)
{
	const char *at = strrchr(text, '@');
	int64_t seq = 0;

	if (!at || text_to_i64(at + 1, 1, EVENT_PLACE_PENDING - 1, &seq, NULL))
		return 0;
	return seq;
}

/* ALBUM@SEQ of an event that is no message, e.g. the one that added a photo. */
static int position_of_seq(struct store *store, const struct album_ref *album, const char *text,
	int64_t seq, struct message_position *out, struct err *err)
{
	_cleanup_free_ char *name = mem_strndup(text, (size_t)(strrchr(text, '@') - text));
	struct album_ref named;
	int found;

	if (!name)
		return err_no_memory(err);
	if (*name) {
		if (resolve_album(store, name, &named, err))
			return -1;
		if (named.key != album->key)
			return err_set(err, ERR_NOT_FOUND, "%s is in another album", text);
	}
	found = position_of_key(store, event_key(album->key, seq), out, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is nothing at %s", text);
	return found < 0 ? -1 : 0;
}

static int position_of_id(struct store *store, const struct album_ref *album, const struct uuid *id,
	struct message_position *out, struct err *err)
{
	int64_t key, when;
	int found = event_find(store->db, album->key, id, &key, err);

	if (found < 0)
		return -1;
	if (found)
		return position_of_key(store, key, out, err) == 1 ? 0 : -1;
	if (uuid_time_ms(id, &when))
		return err_set(
			err, ERR_NOT_FOUND, "there is no such message, and the id holds no time");
	*out = (struct message_position){.when = when};
	return 0;
}

int message_position_find(struct store *store, const struct album_ref *album, const char *text,
	struct message_position *out, struct err *err)
{
	struct message_ref message;
	struct uuid id;

	if (uuid_parse(text, strlen(text), &id) == 0)
		return position_of_id(store, album, &id, out, err);
	if (seq_of(text))
		return position_of_seq(store, album, text, seq_of(text), out, err);
	if (resolve_message(store, text, album, RESOLVE_ANY, &message, err))
		return -1;
	if (position_of_key(store, message.key, out, err) == 1)
		return 0;
	return err_set(err, ERR_NOT_FOUND, "there is no such message");
}
