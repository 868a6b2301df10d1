/* resolve.c - from what people type to what is meant; see resolve.h.
 *
 * Nothing here decides who may see what: a local store's owner sees all of it.
 */
#include "store/resolve.h"
#include "store/sight.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES_MAX 6 /* listed in a hint */
#define SHORT_MIN      4 /* hex digits */

static bool is_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return len > 0;
}

/* Short forms of UUIDs are their last digits: compares these. */
static bool uuid_ends_with(const struct uuid *id, const char *digits, size_t len)
{
	char hex[33];

	hex_encode(id->bytes, 16, hex);
	return len <= 32 && strncasecmp(hex + 32 - len, digits, len) == 0;
}

/* --- candidates ------------------------------------------------------------------------- */

/* Collects what fits; says CONFLICT with the list when it is more than one. */
struct candidates {
	size_t count;
	struct str list;
};

static void candidates_add(struct candidates *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void candidates_add(struct candidates *c, const char *format, ...)
{
	va_list args;

	if (c->count++ == 0)
		str_init(&c->list, 4096);
	if (c->count > CANDIDATES_MAX)
		return;
	if (c->count > 1)
		str_addz(&c->list, ", ");
	va_start(args, format);
	str_addv(&c->list, format, args);
	va_end(args);
}

static void candidates_release(struct candidates *c)
{
	if (c->count)
		str_release(&c->list);
}

static int ambiguous(
	const struct candidates *c, const char *what, const char *text, struct err *err)
{
	err_set(err, ERR_CONFLICT, "%zu %ss fit '%s'", c->count, what, text);
	return err_hint(
		err, "say which: %s%s", c->list.data, c->count > CANDIDATES_MAX ? ", …" : "");
}

/* --- albums ----------------------------------------------------------------------------- */

int album_name_check(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len == 0 || len >= ALBUM_NAME_MAX)
		return err_set(err, ERR_INVALID, "an album's NAME has 1 to %d characters",
			ALBUM_NAME_MAX - 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (isalnum(c) || c >= 0x80 || (i && strchr("-_.", c)))
			continue;
		err_set(err, ERR_INVALID, "'%s' is not an album's NAME", name);
		return err_hint(
			err, "use letters, digits, '-', '_' and '.'; --title says what people see");
	}
	return text_is_utf8(name, len) ? 0 : err_set(err, ERR_INVALID, "the NAME is not UTF-8");
}

int album_name(struct store *store, int64_t album, char out[ALBUM_NAME_MAX], struct err *err)
{
	static const struct db_sql sql = {
		"album_name", "SELECT slug, id FROM album WHERE key = :key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct uuid id;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":key", album)))
		return -1;
	found = db_next(&rows, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (found < 0 || db_uuid(&rows, 1, &id, err))
		return -1;
	if (db_text(&rows, 0) && strlen(db_text(&rows, 0)) < ALBUM_NAME_MAX)
		memcpy(out, db_text(&rows, 0), strlen(db_text(&rows, 0)) + 1);
	else
		uuid_format_short(&id, out);
	return 0;
}

/* "did you mean" over the albums' names. */
static int album_unknown(struct store *store, const char *text, struct err *err)
{
	static const struct db_sql sql = {"album_slugs",
		"SELECT slug FROM album WHERE slug IS NOT NULL ORDER BY rev DESC LIMIT 200"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	char nearest[ALBUM_NAME_MAX] = "";
	size_t best = 4;

	err_set(err, ERR_NOT_FOUND, "there is no album '%s'", text);
	if (db_query0(store->db, &sql, &rows, NULL))
		return -1;
	while (db_next(&rows, NULL) == 1) {
		const char *slug = db_text(&rows, 0);
		size_t distance = text_distance(slug, text);

		if (distance >= best || distance >= strlen(text) || strlen(slug) >= ALBUM_NAME_MAX)
			continue;
		best = distance;
		memcpy(nearest, slug, strlen(slug) + 1);
	}
	if (*nearest)
		return err_hint(err, "did you mean '%s'?", nearest);
	return err_hint(err, "`pinhole album list` shows the albums");
}

/* Does the row fit the text?  2: by name or whole id (settles it), 1: by title or short id. */
static int album_fits(const struct db_rows *rows, const struct uuid *id, const char *text)
{
	const char *slug = db_text(rows, 2), *title = db_text(rows, 3);
	bool deleted = db_int(rows, 4) != 0;
	size_t len = strlen(text);
	struct uuid whole;

	if (uuid_parse(text, len, &whole) == 0)
		return uuid_equal(&whole, id) ? 2 : 0;
	if (deleted)
		return 0;
	if (slug && strcmp(slug, text) == 0)
		return 2;
	if (title && strcmp(title, text) == 0)
		return 1;
	return len >= SHORT_MIN && is_hex(text, len) && uuid_ends_with(id, text, len);
}

/* The one album of `rows` that fits the text: 1 found, 0 none, -1 CONFLICT or failed. */
static int pick_album(
	struct db_rows *rows, const char *text, struct album_ref *out, struct err *err)
{
	_cleanup_(candidates_release) struct candidates c = {.count = 0};
	struct album_ref found = {.key = 0};
	int more;

	while ((more = db_next(rows, err)) == 1) {
		struct album_ref ref = {.key = db_int(rows, 0)};
		char short_id[UUID_SHORT_LEN + 1];
		int fits;

		if (db_uuid(rows, 1, &ref.id, err))
			return -1;
		fits = album_fits(rows, &ref.id, text);
		if (fits == 2) {
			*out = ref;
			return 1;
		}
		if (!fits)
			continue;
		found = ref;
		uuid_format_short(&ref.id, short_id);
		candidates_add(&c, "%s", db_text(rows, 2) ? db_text(rows, 2) : short_id);
	}
	if (more < 0)
		return -1;
	if (c.count > 1)
		return ambiguous(&c, "album", text, err);
	if (c.count == 1)
		*out = found;
	return c.count == 1;
}

int resolve_album(struct store *store, const char *text, struct album_ref *out, struct err *err)
{
	static const struct db_sql sql = {"album_resolve",
		"SELECT key, id, slug, title, deleted FROM album"
		" LEFT JOIN view_album ON view_album.album = album.key WHERE kind = 'album'"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query0(store->db, &sql, &rows, err))
		return -1;
	found = pick_album(&rows, text, out, err);
	if (found == 0)
		return album_unknown(store, text, err);
	return found < 0 ? -1 : 0;
}

int resolve_album_seen(struct store *store, const struct uuid *viewer, const char *text,
	struct album_ref *out, struct err *err)
{
	static const struct db_sql sql = {"album_resolve_seen",
		"SELECT key, id, NULL, title, deleted FROM album"
		" JOIN view_album ON view_album.album = album.key"
		" WHERE kind = 'album' AND deleted = 0 AND key IN " SIGHT_ALBUMS};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":viewer", viewer)))
		return -1;
	found = pick_album(&rows, text, out, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no album '%s'", text);
	return found < 0 ? -1 : 0;
}

/* --- slugs ------------------------------------------------------------------------------ */

/* Appends the plain letter behind an accented Latin one (Latin-1 and Latin Extended-A); false if
 * there is none. */
static bool add_plain_letter(struct str *out, uint32_t c)
{
	static const char latin1[] =
		"aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0\0aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0y";
	static const char extended[] =
		"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln"
		"nnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
	char letter = '\0';

	if (c == 0xdf)
		str_addz(out, "ss");
	else if (c == 0xc6 || c == 0xe6)
		str_addz(out, "ae");
	else if (c == 0x152 || c == 0x153)
		str_addz(out, "oe");
	else if (c >= 0xc0 && c <= 0xff)
		letter = latin1[c - 0xc0];
	else if (c >= 0x100 && c < 0x100 + sizeof(extended) - 1)
		letter = extended[c - 0x100];
	else
		return false;
	if (letter)
		str_addc(out, letter);
	return true;
}

/* Alphabets other than Latin stay as they are. */
static bool is_other_letter(uint32_t c)
{
	return (c > 0x17f && c < 0x2000) || (c >= 0x3040 && c < 0xfe00);
}

static void slug_of(const char *title, struct str *out)
{
	size_t left = strlen(title);

	while (left && out->len < 48) {
		uint32_t c;
		size_t n = text_decode_utf8(title, left, &c);

		if (n == 0)
			n = 1;
		else if (c < 0x80 && isalnum((int)c))
			str_addc(out, (char)tolower((int)c));
		else if (is_other_letter(c))
			str_add(out, title, n);
		else if (!add_plain_letter(out, c) && out->len && out->data[out->len - 1] != '-')
			str_addc(out, '-');
		title += n;
		left -= n;
	}
	while (out->len && out->data[out->len - 1] == '-')
		str_truncate(out, out->len - 1);
	if (out->len == 0)
		str_addz(out, "album");
}

int album_slug(struct store *store, const char *title, char out[ALBUM_NAME_MAX], struct err *err)
{
	static const struct db_sql sql = {"slug_taken", "SELECT 1 FROM album WHERE slug = :slug"};
	_cleanup_str_ struct str slug = STR_INIT(ALBUM_NAME_MAX - 1);
	size_t stem;

	slug_of(title, &slug);
	stem = slug.len;
	for (int n = 2;; n++) {
		int64_t one;
		int taken;

		if (str_check(&slug, err))
			return -1;
		taken = db_get_int(store->db, &sql, &one, err, DB_TEXTZ(":slug", slug.data));
		if (taken < 0)
			return -1;
		if (taken == 0)
			break;
		str_truncate(&slug, stem);
		str_addf(&slug, "-%d", n);
	}
	memcpy(out, slug.data, slug.len + 1);
	return 0;
}

/* --- photos ----------------------------------------------------------------------------- */

/* "ALBUM:PREFIX" to its halves; *prefix points into text. */
static int split_photo(struct store *store, const char *text, const struct album_ref *within,
	struct album_ref *album, bool *limited, const char **prefix, struct err *err)
{
	const char *colon = strrchr(text, ':');
	_cleanup_free_ char *name = NULL;

	*limited = within != NULL;
	*prefix = text;
	if (within)
		*album = *within;
	if (!colon)
		return 0;
	name = mem_strndup(text, (size_t)(colon - text));
	if (!name)
		return err_no_memory(err);
	if (resolve_album(store, name, album, err))
		return -1;
	if (within && within->key != album->key)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not a photo of that album", text);
	*limited = true;
	*prefix = colon + 1;
	return 0;
}

/* The smallest and largest hash with this prefix. */
static int prefix_range(
	const char *prefix, struct sha256 *low, struct sha256 *high, struct err *err)
{
	char digits[SHA256_HEX_LEN + 1];
	size_t len = strlen(prefix);

	if (len < SHORT_MIN || len > SHA256_HEX_LEN || !is_hex(prefix, len)) {
		err_set(err, ERR_NOT_FOUND, "'%s' is not the beginning of a photo's hash", prefix);
		return err_hint(
			err, "give 4 or more of its digits; `pinhole list ALBUM` shows them");
	}
	memset(digits, '0', SHA256_HEX_LEN);
	memcpy(digits, prefix, len);
	sha256_parse(digits, SHA256_HEX_LEN, low);
	memset(digits + len, 'f', SHA256_HEX_LEN - len);
	sha256_parse(digits, SHA256_HEX_LEN, high);
	return 0;
}

/* All photos whose own or any part's hash is in the range, aliases followed. */
static const struct db_sql photos_by_prefix = {"photos_by_prefix",
	"WITH hit(id, album) AS ("
	" SELECT id, album FROM view_photo WHERE id >= :low AND id <= :high"
	" UNION SELECT photo, album FROM view_part WHERE id >= :low AND id <= :high)"
	" SELECT DISTINCT shown.album, album.id, shown.id, shown.state, album.slug FROM hit"
	" JOIN view_photo AS named ON named.id = hit.id AND named.album = hit.album"
	" JOIN view_photo AS shown ON shown.id = coalesce(named.alias, named.id)"
	" AND shown.album = hit.album"
	" JOIN album ON album.key = hit.album"
	" JOIN view_album ON view_album.album = hit.album AND view_album.deleted = 0"
	" WHERE (:only = 0 OR hit.album = :only) AND shown.state <= :state ORDER BY 1, 3 LIMIT 1000"};

static int fill_photo(const struct db_rows *rows, struct photo_ref *out, struct err *err)
{
	size_t len;
	const void *id = db_blob(rows, 2, &len);

	out->album.key = db_int(rows, 0);
	out->state = db_int(rows, 3);
	if (!id || len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "a photo's id is malformed");
	memcpy(out->id.bytes, id, SHA256_LEN);
	return db_uuid(rows, 1, &out->album.id, err);
}

static int photos_of(struct store *store, const char *text, const struct album_ref *within,
	enum resolve_find find, struct vec *out, struct candidates *names, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct album_ref album = {.key = 0};
	struct sha256 low, high;
	const char *prefix;
	bool limited;
	int more;

	if (split_photo(store, text, within, &album, &limited, &prefix, err) ||
		prefix_range(prefix, &low, &high, err) ||
		db_query(store->db, &photos_by_prefix, &rows, err,
			DB_BLOB(":low", low.bytes, SHA256_LEN),
			DB_BLOB(":high", high.bytes, SHA256_LEN),
			DB_INT(":only", limited ? album.key : 0),
			DB_INT(":state", find == RESOLVE_ANY ? 2 : 0)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct photo_ref *photo = vec_push_or(out, err);
		char hex[SHA256_HEX_LEN + 1], short_id[UUID_SHORT_LEN + 1];

		if (!photo || fill_photo(&rows, photo, err))
			return -1;
		sha256_format(&photo->id, hex);
		uuid_format_short(&photo->album.id, short_id);
		candidates_add(
			names, "%s:%.12s", db_text(&rows, 4) ? db_text(&rows, 4) : short_id, hex);
	}
	if (more < 0)
		return -1;
	return out->count ? 0 : err_set(err, ERR_NOT_FOUND, "there is no photo '%s'", text);
}

int resolve_photo(struct store *store, const char *text, const struct album_ref *within,
	enum resolve_find find, struct photo_ref *out, struct err *err)
{
	_cleanup_vec_ struct vec found = VEC_INIT(struct photo_ref, 1000);
	_cleanup_(candidates_release) struct candidates names = {.count = 0};

	if (photos_of(store, text, within, find, &found, &names, err))
		return -1;
	if (found.count > 1)
		return ambiguous(&names, "photo", text, err);
	*out = *(const struct photo_ref *)vec_at(&found, 0);
	return 0;
}

int resolve_photo_all(struct store *store, const char *text, enum resolve_find find,
	struct vec *out, struct err *err)
{
	_cleanup_(candidates_release) struct candidates names = {.count = 0};
	const struct photo_ref *first;

	if (photos_of(store, text, NULL, find, out, &names, err))
		return -1;
	first = vec_at(out, 0);
	vec_foreach (out, struct photo_ref, photo)
		if (sha256_compare(&photo->id, &first->id))
			return ambiguous(&names, "photo", text, err);
	return 0;
}

/* --- messages --------------------------------------------------------------------------- */

/* ALBUM@SEQ: the place of the event that sent it. */
static int message_at(struct store *store, const char *text, const char *at,
	const struct album_ref *within, struct message_ref *out, struct err *err)
{
	static const struct db_sql sql = {"message_at",
		"SELECT view_message.key, view_message.id FROM view_message WHERE key = :key"};
	_cleanup_free_ char *name = mem_strndup(text, (size_t)(at - text));
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t seq;

	if (!name)
		return err_no_memory(err);
	if (!*name && !within) {
		err_set(err, ERR_NOT_FOUND, "'%s' does not say in which album", text);
		return err_hint(err, "write ALBUM@NUMBER");
	}
	if (*name && resolve_album(store, name, &out->album, err))
		return -1;
	if (!*name)
		out->album = *within;
	if (within && within->key != out->album.key)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not a message of that album", text);
	if (text_to_i64(at + 1, 1, EVENT_PLACE_PENDING - 1, &seq, err) ||
		db_query(store->db, &sql, &rows, err,
			DB_INT(":key", event_key(out->album.key, seq))))
		return -1;
	if (db_next(&rows, err) != 1)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not a message", text);
	out->key = db_int(&rows, 0);
	return db_uuid(&rows, 1, &out->id, err);
}

/* Short ids need a look at all ids: UUIDs begin with their time and end at random. */
static const struct db_sql messages_by_tail = {"messages_by_tail",
	"SELECT m.key, m.id, m.album, album.id, album.slug, m.deleted FROM view_message AS m"
	" JOIN album ON album.key = m.album JOIN view_album AS v ON v.album = m.album AND v.deleted = 0"
	" WHERE (:only = 0 OR m.album = :only)"
	" AND substr(m.id, :from) = :tail AND m.deleted <= :deleted LIMIT 1000"};
static const struct db_sql message_by_id = {"message_by_id",
	"SELECT m.key, m.id, m.album, album.id, album.slug, m.deleted FROM event"
	" JOIN view_message AS m ON m.key = event.key"
	" JOIN album ON album.key = m.album JOIN view_album AS v ON v.album = m.album AND v.deleted = 0"
	" WHERE event.id = :id AND (:only = 0 OR m.album = :only)"
	" AND m.deleted <= :deleted"};

/* Digits are halves of bytes: an odd first digit is compared afterwards. */
static int query_messages(struct store *store, const char *text, int64_t only,
	enum resolve_find find, struct db_rows *rows, uint8_t tail[16], struct err *err)
{
	size_t len = strlen(text), whole = len / 2;
	int64_t deleted = find == RESOLVE_ANY;

	if (uuid_parse(text, len, (struct uuid *)tail) == 0)
		return db_query(store->db, &message_by_id, rows, err, DB_BLOB(":id", tail, 16),
			DB_INT(":only", only), DB_INT(":deleted", deleted));
	if (len < SHORT_MIN || len > 32 || !is_hex(text, len)) {
		err_set(err, ERR_NOT_FOUND, "'%s' is not a message's id", text);
		return err_hint(err,
			"give 4 or more of its last digits, or ALBUM@SEQ; `pinhole messages ALBUM` "
			"shows them");
	}
	hex_decode(text + len % 2, 2 * whole, tail, whole);
	return db_query(store->db, &messages_by_tail, rows, err, DB_INT(":only", only),
		DB_INT(":from", 17 - (int64_t)whole), DB_BLOB(":tail", tail, whole),
		DB_INT(":deleted", deleted));
}

int resolve_message(struct store *store, const char *text, const struct album_ref *within,
	enum resolve_find find, struct message_ref *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_(candidates_release) struct candidates c = {.count = 0};
	const char *at = strrchr(text, '@');
	struct message_ref found = {.key = 0};
	uint8_t tail[16];
	int more;

	if (at)
		return message_at(store, text, at, within, out, err);
	if (query_messages(store, text, within ? within->key : 0, find, &rows, tail, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct message_ref m = {
			.key = db_int(&rows, 0), .album = {.key = db_int(&rows, 2)}};
		char short_id[UUID_SHORT_LEN + 1];

		if (db_uuid(&rows, 1, &m.id, err) || db_uuid(&rows, 3, &m.album.id, err))
			return -1;
		if (strlen(text) <= 32 && !uuid_ends_with(&m.id, text, strlen(text)))
			continue;
		found = m;
		uuid_format_short(&m.id, short_id);
		candidates_add(&c, "%s (%s@%lld)", short_id,
			db_text(&rows, 4) ? db_text(&rows, 4) : "", (long long)event_place(m.key));
	}
	if (more < 0)
		return -1;
	if (c.count > 1)
		return ambiguous(&c, "message", text, err);
	if (c.count == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no message '%s'", text);
	*out = found;
	return 0;
}

int resolve_photo_or_message(struct store *store, const char *text, enum resolve_find find,
	enum resolved *which, struct photo_ref *photo, struct message_ref *message, struct err *err)
{
	struct err photo_err = ERR_INIT, message_err = ERR_INIT;
	bool is_photo, is_message;

	is_photo = !strchr(text, '@') &&
		resolve_photo(store, text, NULL, find, photo, &photo_err) == 0;
	is_message = !strchr(text, ':') &&
		resolve_message(store, text, NULL, find, message, &message_err) == 0;
	if (is_photo && is_message) {
		err_set(err, ERR_CONFLICT, "'%s' is both a photo and a message", text);
		return err_hint(err, "write ALBUM:PHOTO or ALBUM@SEQ");
	}
	if (!is_photo && photo_err.kind == ERR_CONFLICT) {
		*err = photo_err;
		return -1;
	}
	if (!is_photo && !is_message && message_err.kind == ERR_CONFLICT) {
		*err = message_err;
		return -1;
	}
	if (!is_photo && !is_message)
		return err_set(err, ERR_NOT_FOUND, "there is no photo or message '%s'", text);
	*which = is_photo ? RESOLVED_PHOTO : RESOLVED_MESSAGE;
	return 0;
}

/* --- participants ----------------------------------------------------------------------- */

int resolve_participant(struct store *store, const struct album_ref *album, const char *text,
	struct uuid *out, struct err *err)
{
	static const struct db_sql sql = {
		"participants_of", "SELECT id, name FROM view_participant WHERE album = :album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_(candidates_release) struct candidates c = {.count = 0};
	size_t len = strlen(text);
	struct uuid found = {{0}}, whole;
	bool is_whole = uuid_parse(text, len, &whole) == 0;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", album->key)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		const char *name = db_text(&rows, 1);
		char short_id[UUID_SHORT_LEN + 1];
		struct uuid id;

		if (db_uuid(&rows, 0, &id, err))
			return -1;
		if (is_whole ? !uuid_equal(&id, &whole) :
			       strcasecmp(name, text) != 0 &&
					!(len >= SHORT_MIN && is_hex(text, len) &&
						uuid_ends_with(&id, text, len)))
			continue;
		found = id;
		uuid_format_short(&id, short_id);
		candidates_add(&c, "%s (%s)", short_id, name);
	}
	if (more < 0)
		return -1;
	if (c.count > 1)
		return ambiguous(&c, "participant", text, err);
	if (c.count == 0)
		return err_set(err, ERR_NOT_FOUND, "nobody here is called '%s'", text);
	*out = found;
	return 0;
}
