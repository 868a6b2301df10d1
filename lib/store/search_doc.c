/* search_doc.c - what is written about a candidate, asked as full text; see search_inner.h.
 *
 * Invariant: a document holds what is shown now (the caption that holds, the text that holds), so
 * what was superseded or taken back cannot be found, whatever the index still has.
 */
#include "store/search_inner.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#define DOCS_HELD 5000  /* documents in the scratch table at once */
#define PLAIN_LEN "200" /* characters of a snippet where no words were asked for */

/* The tokenizer is the one of fts_event and fts_fact (views.sql). */
#define FULL_TEXT(name, columns)                                                                   \
	"CREATE VIRTUAL TABLE " name " USING fts5(" columns                                        \
	", tokenize='unicode61 remove_diacritics 2');"
#define DOC_TABLE FULL_TEXT("doc", "text, title, tags, words")

/* --- opening ---------------------------------------------------------------------------- */

/* All tags of the store once each: a walk from tag to tag by their index. */
static int load_tags(struct search *s, struct err *err)
{
	static const struct db_sql tags = {"search_tags",
		"WITH RECURSIVE t(tag) AS (SELECT min(tag) FROM view_tag UNION ALL"
		" SELECT (SELECT min(v.tag) FROM view_tag v WHERE v.tag > t.tag) FROM t"
		" WHERE t.tag IS NOT NULL) SELECT tag FROM t WHERE tag IS NOT NULL"};
	static const struct db_sql put = {"search_tag_put", "INSERT INTO tag(text) VALUES(:text)"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query0(s->store->db, &tags, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (db_run(s->scratch, &put, err, DB_TEXTZ(":text", db_text(&rows, 0))))
			return -1;
	return more;
}

static int build_match(struct search *s, struct err *err)
{
	const struct query *q = s->query;

	if (*q->match && *q->exclude)
		str_addf(&s->match, "(%s) NOT (%s)", q->match, q->exclude);
	else
		str_addz(&s->match, q->match);
	return str_check(&s->match, err);
}

int search_docs_open(struct search *s, struct err *err)
{
	if (build_match(s, err) || db_open_scratch(&s->scratch, err) ||
		db_begin(s->scratch, "search", &s->tx, err) ||
		db_script(s->scratch, DOC_TABLE FULL_TEXT("tag", "text"), err))
		return -1;
	return *s->query->match ? load_tags(s, err) : 0;
}

static void hit_release(struct search_hit *hit)
{
	mem_free_pointer(&hit->author_name);
	mem_free_pointer(&hit->snippet);
}

void search_hits_release(struct vec *hits)
{
	vec_foreach (hits, struct search_hit, hit)
		hit_release(hit);
	vec_release(hits);
}

void search_docs_close(struct search *s)
{
	search_hits_release(&s->docs);
	if (s->scratch)
		db_rollback(&s->tx);
	db_close(s->scratch);
	str_release(&s->match);
}

int search_each_tag(struct search *s, const char *match,
	int (*each)(struct search *s, const char *tag, void *data, struct err *err), void *data,
	struct err *err)
{
	static const struct db_sql sql = {
		"search_tag_match", "SELECT text FROM tag WHERE tag MATCH :match"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(s->scratch, &sql, &rows, err, DB_TEXTZ(":match", match)))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (each(s, db_text(&rows, 0), data, err))
			return -1;
	return more;
}

/* --- asking ----------------------------------------------------------------------------- */

#define MARKED "snippet(doc, -1, char(2), char(3), '…', 24)"
#define PLAIN                                                                                                    \
	"substr(coalesce(nullif(text, ''), nullif(trim(title), ''), nullif(tags, ''), words, ''), 1, " PLAIN_LEN \
	")"

static int query_docs(struct search *s, struct db_rows *rows, struct err *err)
{
	static const struct db_sql words = {"search_words",
		"SELECT rowid, bm25(doc, 4.0, 4.0, 4.0, 1.0), " MARKED
		" FROM doc WHERE doc MATCH :match"};
	static const struct db_sql without = {"search_without",
		"SELECT rowid, 0.0, " PLAIN " FROM doc WHERE rowid NOT IN"
		" (SELECT rowid FROM doc WHERE doc MATCH :exclude)"};
	static const struct db_sql all = {"search_all", "SELECT rowid, 0.0, " PLAIN " FROM doc"};

	if (s->match.len)
		return db_query(s->scratch, &words, rows, err, DB_TEXTZ(":match", s->match.data));
	if (*s->query->exclude)
		return db_query(
			s->scratch, &without, rows, err, DB_TEXTZ(":exclude", s->query->exclude));
	return db_query0(s->scratch, &all, rows, err);
}

/* Moves the document's candidate to the hits. */
static int take_hit(struct search *s, const struct db_rows *rows, struct err *err)
{
	int64_t rowid = db_int(rows, 0);
	const char *snippet = db_text(rows, 2);
	struct search_hit *doc, *hit;

	if (rowid < 1 || (size_t)rowid > s->docs.count)
		return err_set(err, ERR_FAILED, "the scratch table of search is not what it was");
	doc = vec_at(&s->docs, (size_t)rowid - 1);
	hit = vec_push_or(s->hits, err);
	if (!hit)
		return -1;
	*hit = *doc;
	*doc = (struct search_hit){.kind = doc->kind};
	hit->score = db_real(rows, 1);
	hit->snippet = mem_strdup(snippet ? snippet : "");
	return hit->snippet ? 0 : err_no_memory(err);
}

int search_docs_ask(struct search *s, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (!s->docs.count)
		return 0;
	if (query_docs(s, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (take_hit(s, &rows, err))
			return -1;
	if (more < 0)
		return -1;
	vec_foreach (&s->docs, struct search_hit, doc)
		hit_release(doc);
	vec_clear(&s->docs);
	if (s->hits->count > 2 * SEARCH_CANDIDATES)
		search_keep_best(s->hits, SEARCH_CANDIDATES);
	return db_script(s->scratch, "DROP TABLE doc;" DOC_TABLE, err);
}

/* --- adding ----------------------------------------------------------------------------- */

struct texts {
	const char *text, *title, *tags, *words; /* NULL: none */
};

/* `hit` owns nothing yet. */
static int add_doc(struct search *s, const struct search_hit *hit, const char *author,
	const struct texts *texts, struct err *err)
{
	static const struct db_sql put = {"search_doc_put",
		"INSERT INTO doc(rowid, text, title, tags, words)"
		" VALUES(:rowid, :text, :title, :tags, :words)"};
	struct search_hit *doc;

	if (s->docs.count == DOCS_HELD && search_docs_ask(s, err))
		return -1;
	doc = vec_push_or(&s->docs, err);
	if (!doc)
		return -1;
	*doc = *hit;
	doc->author_name = mem_strdup(author ? author : "");
	if (!doc->author_name)
		return err_no_memory(err);
	return db_run(s->scratch, &put, err, DB_INT(":rowid", s->docs.count),
		DB_TEXTZ(":text", texts->text), DB_TEXTZ(":title", texts->title),
		DB_TEXTZ(":tags", texts->tags), DB_TEXTZ(":words", texts->words));
}

static bool fill_photo_id(const struct db_rows *rows, int column, struct search_hit *hit)
{
	size_t len;
	const void *id = db_blob(rows, column, &len);

	hit->has_photo = id && len == SHA256_LEN;
	if (hit->has_photo)
		memcpy(hit->photo.bytes, id, SHA256_LEN);
	return hit->has_photo;
}

/* False if the album may not be looked into. */
static bool fill_album(const struct search *s, int64_t key, struct search_hit *hit)
{
	const struct search_album *album = search_find_album(s, key);

	if (!album)
		return false;
	hit->album = key;
	hit->album_id = album->id;
	return true;
}

/* --- messages --------------------------------------------------------------------------- */

#define MESSAGE_COLUMNS                                                                            \
	"SELECT m.key, m.album, m.id, m.author, p.name, m.\"when\", m.photo,"                      \
	" json_extract(t.body, '$.text')"
#define MESSAGE_TEXT                                                                               \
	" LEFT JOIN view_participant p ON p.album = m.album AND p.id = m.author"                   \
	" WHERE t.key = :key AND m.text = :key AND m.deleted = 0"

static int query_message(struct search *s, int64_t key, struct db_rows *rows, struct err *err)
{
	/* The event is the message itself, or else an edit of it. */
	static const struct db_sql sent = {"search_message",
		MESSAGE_COLUMNS
		" FROM event t CROSS JOIN view_message m ON m.key = t.key" MESSAGE_TEXT};
	static const struct db_sql edited = {"search_message_edited",
		MESSAGE_COLUMNS
		" FROM event t CROSS JOIN event e ON e.id = t.about AND e.album = t.album"
		" CROSS JOIN view_message m ON m.key = e.key" MESSAGE_TEXT
		" AND t.kind = 'message.edit'"};
	int found;

	if (db_query(s->store->db, &sent, rows, err, DB_INT(":key", key)))
		return -1;
	found = db_next(rows, err);
	if (found)
		return found;
	db_rows_close(rows);
	return db_query(s->store->db, &edited, rows, err, DB_INT(":key", key)) ? -1 :
										 db_next(rows, err);
}

int search_add_message(struct search *s, int64_t key, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct search_hit hit = {.kind = SEARCH_MESSAGE};
	struct texts texts = {.text = NULL};
	int64_t own;
	int found;

	/* Before anything is read: of very many hits, a viewer may see few. */
	if (!fill_album(s, key >> EVENT_PLACE_BITS, &hit))
		return 0;
	found = query_message(s, key, &rows, err);
	if (found != 1)
		return found;
	own = db_int(&rows, 0);
	hit.seq = event_state_of(own) == EVENT_CONFIRMED ? event_place(own) : 0;
	hit.when = db_int(&rows, 5);
	fill_photo_id(&rows, 6, &hit);
	if (db_uuid(&rows, 2, &hit.id, err) || db_uuid(&rows, 3, &hit.author, err))
		return -1;
	found = search_message_fits(s, &hit, err);
	if (found != 1)
		return found;
	texts.text = db_text(&rows, 7);
	return add_doc(s, &hit, db_text(&rows, 4), &texts, err) ? -1 : 1;
}

/* --- photos ----------------------------------------------------------------------------- */

#define ALIASES "SELECT x.id FROM view_photo x WHERE x.album = v.album AND x.alias = v.id"

/* Everything written about a photo and about those that were joined into it.  The position that
 * counts is that of the facts which hold now; words of the other parts' facts count too. */
static const struct db_sql photo_texts = {"search_photo",
	"SELECT v.author, p.name, v.sort, v.offset,"
	" (SELECT json_extract(c.body, '$.text') FROM event c WHERE c.key = v.caption),"
	" (SELECT coalesce(json_extract(b.body, '$.title'), '') || ' '"
	"  || coalesce(json_extract(b.body, '$.description'), '') FROM event b WHERE b.key = v.key),"
	" (SELECT group_concat(t.tag, ' · ') FROM view_tag t WHERE t.album = v.album"
	"  AND t.photo IN (SELECT v.id UNION " ALIASES ")),"
	" (SELECT group_concat(f.words, ' ') FROM fact f WHERE f.hash IN"
	"  (SELECT v.facts UNION SELECT q.facts FROM view_part q WHERE q.album = v.album"
	"   AND q.id <> v.id AND q.photo IN (SELECT v.id UNION " ALIASES ")))"
	" FROM view_photo v LEFT JOIN view_participant p ON p.album = v.album AND p.id = v.author"
	" WHERE v.id = :id AND v.album = :album AND v.state = 0 AND v.alias IS NULL"};

static int add_photo(struct search *s, struct search_hit *hit, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct texts texts;
	int found;

	if (db_query(s->store->db, &photo_texts, &rows, err,
		    DB_BLOB(":id", hit->photo.bytes, SHA256_LEN), DB_INT(":album", hit->album)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	hit->when = db_int(&rows, 2);
	if (db_uuid(&rows, 0, &hit->author, err))
		return -1;
	found = search_photo_fits(
		s, hit, db_is_null(&rows, 3) ? TIME_OFFSET_NONE : (int32_t)db_int(&rows, 3), err);
	if (found != 1)
		return found;
	texts = (struct texts){.text = db_text(&rows, 4),
		.title = db_text(&rows, 5),
		.tags = db_text(&rows, 6),
		/* Of the facts, which not every role may see. */
		.words = search_find_album(s, hit->album)->open ? db_text(&rows, 7) : NULL};
	return add_doc(s, hit, db_text(&rows, 1), &texts, err) ? -1 : 1;
}

/* --- albums and people ------------------------------------------------------------------ */

static int add_album(struct search *s, struct search_hit *hit, struct err *err)
{
	static const struct db_sql sql = {"search_album",
		"SELECT title, description, created FROM view_album WHERE album = :album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct texts texts = {.text = NULL};
	int found;

	hit->kind = SEARCH_ALBUM;
	if (db_query(s->store->db, &sql, &rows, err, DB_INT(":album", hit->album)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	hit->when = db_int(&rows, 2);
	texts.text = db_text(&rows, 0);
	texts.title = db_text(&rows, 1);
	return add_doc(s, hit, NULL, &texts, err) ? -1 : 1;
}

static int add_person(struct search *s, struct search_hit *hit, struct err *err)
{
	static const struct db_sql sql = {"search_person",
		"SELECT name FROM view_participant WHERE album = :album AND id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct texts texts = {.text = NULL};
	int found;

	hit->kind = SEARCH_PERSON;
	if (db_query(s->store->db, &sql, &rows, err, DB_INT(":album", hit->album),
		    DB_UUID(":id", &hit->id)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	texts.text = db_text(&rows, 0);
	return add_doc(s, hit, texts.text, &texts, err) ? -1 : 1;
}

int search_add_entity(struct search *s, const struct search_entity *entity, struct err *err)
{
	struct search_hit hit = {.kind = SEARCH_PHOTO, .has_photo = entity->len == SHA256_LEN};

	if (!fill_album(s, entity->album, &hit))
		return 0;
	if (hit.has_photo) {
		memcpy(hit.photo.bytes, entity->bytes, SHA256_LEN);
		return add_photo(s, &hit, err);
	}
	if (!search_wants_names(s))
		return 0;
	memcpy(hit.id.bytes, entity->bytes, sizeof(hit.id.bytes));
	return uuid_equal(&hit.id, &hit.album_id) ? add_album(s, &hit, err) :
						    add_person(s, &hit, err);
}
