/* pair.c - which files are one photo; see pair.h.
 *
 * It only proposes: the events that join files are submitted by whoever asked.
 */
#include "import/pair.h"
#include "base/path.h"
#include "base/time.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_MS   120000                /* two minutes */
#define QUARTER_MS ((int64_t)15 * 60000) /* every zone on Earth is a multiple of it */

/* --- names ------------------------------------------------------------------------------ */

static const char *const edited_marks[] = {"-edited", "-bearbeitet", "-modifié", "-editado", NULL};

/* IMG_E0042 is Apple's name of the edited IMG_0042. */
static bool strip_apple_mark(char *stem)
{
	if (strncmp(stem, "img_e", 5) != 0 || !isdigit((unsigned char)stem[5]))
		return false;
	memmove(stem + 4, stem + 5, strlen(stem + 5) + 1);
	return true;
}

static bool strip_suffix(char *stem)
{
	for (size_t i = 0; edited_marks[i]; i++)
		if (text_ends(stem, edited_marks[i]) && strlen(stem) > strlen(edited_marks[i])) {
			stem[strlen(stem) - strlen(edited_marks[i])] = '\0';
			return true;
		}
	return false;
}

void pair_from_name(const char *name, struct pair_file *out)
{
	size_t len = strlen(name) - strlen(path_extension(name));

	out->stem[0] = '\0';
	out->edited = false;
	if (len == 0 || len >= PAIR_STEM_MAX || !text_is_utf8(name, len))
		return;
	for (size_t i = 0; i < len; i++)
		out->stem[i] = (char)tolower((unsigned char)name[i]);
	out->stem[len] = '\0';
	out->edited = strip_apple_mark(out->stem) || strip_suffix(out->stem);
}

void pair_from_facts(const json_t *facts, const char *kind, struct pair_file *out)
{
	const json_t *wall = json_object_get(facts, "taken_ms");
	const json_t *offset = json_object_get(facts, "offset");
	const char *content = json_string_value(json_object_get(facts, "content_id"));

	memset(out->kind, 0, sizeof(out->kind));
	strncpy(out->kind, kind, sizeof(out->kind) - 1);
	out->has_wall = json_is_integer(wall);
	out->wall = out->has_wall ? json_integer_value(wall) : 0;
	out->offset =
		json_is_integer(offset) ? (int32_t)json_integer_value(offset) : TIME_OFFSET_NONE;
	out->content[0] = '\0';
	if (content && strlen(content) < PAIR_CONTENT_MAX)
		memcpy(out->content, content, strlen(content) + 1);
}

/* --- the decision ----------------------------------------------------------------------- */

/* Videos often tell UTC without saying so: a difference of whole zones is none. */
static bool taken_together(const struct pair_file *a, const struct pair_file *b)
{
	int64_t apart = llabs(a->wall - b->wall), rest;

	if (a->offset != TIME_OFFSET_NONE && b->offset != TIME_OFFSET_NONE)
		return llabs((a->wall - a->offset * 60000LL) - (b->wall - b->offset * 60000LL)) <=
			CLOSE_MS;
	if (apart <= CLOSE_MS)
		return true;
	if (strcmp(a->kind, "video") != 0 && strcmp(b->kind, "video") != 0)
		return false;
	rest = apart % QUARTER_MS;
	return a->folder == b->folder && apart <= TIME_OFFSET_MAX * 60000LL &&
		(rest <= CLOSE_MS || QUARTER_MS - rest <= CLOSE_MS);
}

static bool are_close(const struct pair_file *a, const struct pair_file *b)
{
	if (a->has_wall && b->has_wall)
		return taken_together(a, b);
	return a->folder == b->folder;
}

/* Of two different kinds, what the file is beside the other one. */
static const char *role_by_kind(const struct pair_file *file)
{
	if (strcmp(file->kind, "image") == 0)
		return "jpeg";
	return strcmp(file->kind, "raw") == 0 ? "raw" : "live";
}

static bool is_one_photo(const struct pair_file *a, const struct pair_file *b)
{
	bool motion = (strcmp(a->kind, "video") == 0) != (strcmp(b->kind, "video") == 0);

	if (motion && *a->content && strcmp(a->content, b->content) == 0)
		return true;
	return *a->stem && strcmp(a->stem, b->stem) == 0 && are_close(a, b);
}

const char *pair_role(const struct pair_file *file, const struct pair_file *other)
{
	if (!is_one_photo(file, other))
		return NULL;
	if (strcmp(file->kind, other->kind) != 0)
		return role_by_kind(file);
	/* Two of a kind are one photo only as an original and its edited copy. */
	if (strcmp(file->kind, "image") != 0 || file->edited == other->edited)
		return NULL;
	return file->edited ? "edited" : "jpeg";
}

/* --- the album's files ------------------------------------------------------------------ */

static const struct db_sql candidates = {"pair_candidates",
	"SELECT p.stem, p.photo, p.kind, p.edited, p.folder, p.content, p.wall, p.offset"
	" FROM pairing AS p JOIN view_photo AS v ON v.id = p.photo AND v.album = p.album"
	" AND v.state = 0 AND v.alias IS NULL WHERE p.album = :album AND p.stem = :stem"
	" AND (:by IS NULL OR v.author = :by)"
	" UNION ALL SELECT p.stem, p.photo, p.kind, p.edited, p.folder, p.content, p.wall, p.offset"
	" FROM pairing AS p JOIN view_photo AS v ON v.id = p.photo AND v.album = p.album"
	" AND v.state = 0 AND v.alias IS NULL"
	" WHERE p.album = :album AND p.content = :content AND (:by IS NULL OR v.author = :by)"
	" LIMIT 1000"};

static void fill_other(const struct db_rows *rows, struct pair_file *out)
{
	const char *stem = db_text(rows, 0), *kind = db_text(rows, 2), *content = db_text(rows, 5);

	memset(out, 0, sizeof(*out));
	if (stem && strlen(stem) < PAIR_STEM_MAX)
		memcpy(out->stem, stem, strlen(stem) + 1);
	if (kind && strlen(kind) < sizeof(out->kind))
		memcpy(out->kind, kind, strlen(kind) + 1);
	if (content && strlen(content) < PAIR_CONTENT_MAX)
		memcpy(out->content, content, strlen(content) + 1);
	out->edited = db_int(rows, 3) != 0;
	out->folder = db_int(rows, 4);
	out->has_wall = !db_is_null(rows, 6);
	out->wall = db_int(rows, 6);
	out->offset = db_is_null(rows, 7) ? TIME_OFFSET_NONE : (int32_t)db_int(rows, 7);
}

int pair_find(struct store *store, int64_t album, const struct pair_file *file,
	const struct uuid *by, struct sha256 *photo, const char **role, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &candidates, &rows, err, DB_INT(":album", album),
		    DB_TEXTZ(":stem", file->stem), by ? DB_UUID(":by", by) : DB_NULL(":by"),
		    DB_TEXTZ(":content", *file->content ? file->content : NULL)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct pair_file other;
		const void *id;
		size_t len;

		fill_other(&rows, &other);
		id = db_blob(&rows, 1, &len);
		*role = pair_role(file, &other);
		if (!*role || !id || len != SHA256_LEN)
			continue;
		memcpy(photo->bytes, id, SHA256_LEN);
		return 1;
	}
	return more;
}

int pair_remember(struct store *store, int64_t album, const struct pair_file *file,
	const struct sha256 *part, const struct sha256 *photo, struct err *err)
{
	static const struct db_sql sql = {"pair_put",
		"INSERT INTO pairing(album, stem, part, photo, kind, edited, folder, content, wall, offset)"
		" VALUES(:album, :stem, :part, :photo, :kind, :edited, :folder, :content, :wall, :offset)"
		" ON CONFLICT(album, stem, part) DO UPDATE SET photo = excluded.photo"};

	return db_run(store->db, &sql, err, DB_INT(":album", album), DB_TEXTZ(":stem", file->stem),
		DB_BLOB(":part", part->bytes, SHA256_LEN),
		DB_BLOB(":photo", photo->bytes, SHA256_LEN), DB_TEXTZ(":kind", file->kind),
		DB_INT(":edited", file->edited), DB_INT(":folder", file->folder),
		DB_TEXTZ(":content", *file->content ? file->content : NULL),
		file->has_wall ? DB_INT(":wall", file->wall) : DB_NULL(":wall"),
		file->offset != TIME_OFFSET_NONE ? DB_INT(":offset", file->offset) :
						   DB_NULL(":offset"));
}
