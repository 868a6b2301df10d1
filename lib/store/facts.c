/* facts.c - facts objects and the rows by which they are searched; see facts.h.
 *
 * It knows neither photos nor albums.  Invariant: a row of `fact` and its full text are made and taken
 * away together, always from the words that the row holds.
 */
#include "store/facts.h"

#include <string.h>

/* --- making ----------------------------------------------------------------------------- */

/* A NULL object stays NULL, as with wire_set_*. */
static int set_salt(json_t **facts, struct err *err)
{
	uint8_t salt[FACTS_SALT_LEN];

	if (crypt_random(salt, sizeof(salt), err))
		return -1;
	wire_set_hex(facts, "salt", salt, sizeof(salt));
	return 0;
}

static bool is_plain_name(const char *name, size_t len)
{
	return text_is_utf8(name, len) && !memchr(name, '\0', len);
}

static void set_name(json_t **facts, const char *name, size_t len)
{
	_cleanup_str_ struct str visible = STR_INIT(STR_MAX_LINE);

	if (len > FACTS_NAME_MAX)
		len = is_plain_name(name, len) ? text_clip_utf8(name, len, FACTS_NAME_MAX) :
						 FACTS_NAME_MAX;
	if (is_plain_name(name, len)) {
		wire_set_textn(facts, "name", name, len);
		return;
	}
	str_add_visible(&visible, name, len);
	wire_set_textn(facts, "name", visible.data, visible.len);
	wire_set_hex(facts, "name_hex", name, len);
}

/* Hands `facts` on if it has a canonical form that is short enough. */
static json_t *checked(json_t **facts, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(FACTS_MAX);

	if (!*facts) {
		err_no_memory(err);
		return NULL;
	}
	return facts_write(*facts, &bytes, err) ? NULL : mem_steal(facts);
}

json_t *facts_make(const json_t *media, const char *name, size_t name_len, struct err *err)
{
	_cleanup_json_ json_t *facts =
		media ? json_copy((json_t *)(uintptr_t)media) : json_object();

	if (name)
		set_name(&facts, name, name_len);
	return set_salt(&facts, err) ? NULL : checked(&facts, err);
}

json_t *facts_move(const json_t *old, bool placed, int32_t lat_e7, int32_t lon_e7, struct err *err)
{
	_cleanup_json_ json_t *facts = old ? json_copy((json_t *)(uintptr_t)old) : json_object();

	if (facts) {
		json_object_del(facts, "lat_e7");
		json_object_del(facts, "lon_e7");
		json_object_del(facts, "alt_mm");
	}
	if (placed) {
		wire_set_int(&facts, "lat_e7", lat_e7);
		wire_set_int(&facts, "lon_e7", lon_e7);
	}
	return set_salt(&facts, err) ? NULL : checked(&facts, err);
}

int facts_write(const json_t *facts, struct str *out, struct err *err)
{
	size_t before = out->len;

	if (wire_canonical(facts, out, err) || str_check(out, err))
		return -1;
	if (out->len - before > FACTS_MAX)
		return err_set(
			err, ERR_TOO_LARGE, "the facts are longer than %zu bytes", FACTS_MAX);
	return 0;
}

int facts_put(struct store *store, const json_t *facts, struct sha256 *hash, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(FACTS_MAX);

	if (facts_write(facts, &bytes, err))
		return -1;
	return object_put(store->objects, bytes.data, bytes.len, hash, err);
}

/* --- rows ------------------------------------------------------------------------------- */

const char *facts_name(const json_t *facts)
{
	return json_string_value(json_object_get(facts, "name"));
}

bool facts_place(const json_t *facts, int32_t *lat_e7, int32_t *lon_e7)
{
	int64_t lat = 0, lon = 0;

	if (!json_object_get(facts, "lat_e7") || !json_object_get(facts, "lon_e7") ||
		wire_get_int(facts, "lat_e7", WIRE_REQUIRED, -900000000, 900000000, &lat, NULL) ||
		wire_get_int(facts, "lon_e7", WIRE_REQUIRED, -1800000000, 1800000000, &lon, NULL))
		return false;
	*lat_e7 = (int32_t)lat;
	*lon_e7 = (int32_t)lon;
	return true;
}

static void add_words(struct str *out, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text || !*text)
		return;
	if (out->len)
		str_addc(out, '\n');
	str_add(out, text, json_string_length(value));
}

static void collect_words(const json_t *facts, struct str *out)
{
	static const char *const keys[] = {"name", "make", "model", "lens", "title", "description"};
	const json_t *keyword;
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++)
		add_words(out, json_object_get(facts, keys[i]));
	json_array_foreach (json_object_get(facts, "keywords"), i, keyword)
		add_words(out, keyword);
}

int facts_index(
	struct store *store, const struct sha256 *hash, const json_t *facts, struct err *err)
{
	static const struct db_sql row = {"fact_add",
		"INSERT INTO fact(hash, name, lat, lon, words) VALUES(:hash, :name, :lat, :lon, :words)"
		" ON CONFLICT(hash) DO NOTHING RETURNING key"};
	static const struct db_sql text = {
		"fact_words", "INSERT INTO fts_fact(rowid, words) VALUES(:key, :words)"};
	_cleanup_str_ struct str words = STR_INIT(FACTS_MAX);
	int32_t lat = 0, lon = 0;
	bool placed = facts_place(facts, &lat, &lon);
	int64_t key;
	int found;

	collect_words(facts, &words);
	if (str_check(&words, err))
		return -1;
	found = db_get_int(store->db, &row, &key, err, DB_BLOB(":hash", hash->bytes, SHA256_LEN),
		DB_TEXTZ(":name", facts_name(facts)),
		placed ? DB_INT(":lat", lat) : DB_NULL(":lat"),
		placed ? DB_INT(":lon", lon) : DB_NULL(":lon"),
		DB_TEXT(":words", words.data, words.len));
	if (found != 1)
		return found;
	return db_run(store->db, &text, err, DB_INT(":key", key),
		DB_TEXT(":words", words.data, words.len));
}

int facts_forget(struct store *store, const struct sha256 *hash, struct err *err)
{
	static const struct db_sql text = {"fact_words_forget",
		"INSERT INTO fts_fact(fts_fact, rowid, words) SELECT 'delete', key, words FROM fact"
		" WHERE hash = :hash"};
	static const struct db_sql row = {"fact_forget", "DELETE FROM fact WHERE hash = :hash"};

	if (db_run(store->db, &text, err, DB_BLOB(":hash", hash->bytes, SHA256_LEN)))
		return -1;
	return db_run(store->db, &row, err, DB_BLOB(":hash", hash->bytes, SHA256_LEN));
}

/* --- reading ---------------------------------------------------------------------------- */

int facts_get(struct store *store, const struct sha256 *hash, json_t **out, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(FACTS_MAX);
	json_t *facts;

	if (object_read(store->objects, hash, FACTS_MAX, &bytes, err))
		return -1;
	facts = wire_parse(bytes.data, bytes.len, FACTS_MAX, err);
	if (facts && json_is_object(facts)) {
		*out = facts;
		return 0;
	}
	wire_json_free(&facts);
	return err_set(err, ERR_DAMAGED, "an object that should hold facts holds something else");
}
