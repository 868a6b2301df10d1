/* portable.c - makes file names portable and keeps them apart; see portable.h.
 *
 * Taken names are kept as 64 bits of a hash of their folded form, so that a million of them are 16 MB; two that
 * fall together cost a needless "-2" and nothing else.  Invariant: a name that was given once is never given again.
 */
#include "import/portable.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "import/compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_FIRST    1024 /* slots; a power of two */
#define NAME_MAX_BYTES 120  /* of the file's own name within a stem */

/* --- cleaning --------------------------------------------------------------------------- */

/* Characters that nobody sees, or that turn the direction of what follows. */
static bool is_hidden(uint32_t c)
{
	return (c >= 0x80 && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
		(c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
		(c >= 0xFFF0 && c <= 0xFFFF) || c >= 0xE0000;
}

static bool is_reserved(uint32_t c)
{
	return c < ' ' || c == 0x7F || (c < 0x80 && strchr("<>:\"/\\|?*", (int)c));
}

static void clean(const char *name, size_t len, struct str *out)
{
	uint32_t c;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = text_decode_utf8(name + i, len - i, &c);
		if (n == 0) {
			n = 1;
			c = 0;
		}
		if (is_reserved(c))
			str_addc(out, '_');
		else if (!is_hidden(c))
			str_add(out, name + i, n);
	}
}

/* Dots and blanks at either end vanish on Windows. */
static void trim(struct str *name)
{
	size_t lead = strspn(name->data, ". ");

	memmove(name->data, name->data + lead, name->len - lead);
	str_truncate(name, name->len - lead);
	while (name->len && strchr(". ", name->data[name->len - 1]))
		str_truncate(name, name->len - 1);
}

static void add_own_name(const char *name, struct str *out)
{
	_cleanup_str_ struct str cleaned = STR_INIT(64 * 1024), composed = STR_INIT(64 * 1024);
	size_t len = strlen(name) - strlen(path_extension(name));

	clean(name, len, &cleaned);
	compose_text(cleaned.data, cleaned.len, &composed);
	if (composed.failed || !composed.len)
		return;
	str_truncate(&composed, text_clip_utf8(composed.data, composed.len, NAME_MAX_BYTES));
	trim(&composed);
	str_add(out, composed.data, composed.len);
}

static void add_time(int64_t wall_ms, struct str *out)
{
	struct civil c;

	time_to_civil(wall_ms, &c);
	if (!time_civil_is_valid(&c))
		str_addz(out, "undated");
	else
		str_addf(out, "%04d-%02d-%02d_%02d-%02d-%02d", c.year, c.month, c.day, c.hour,
			c.minute, c.second);
}

void portable_stem(int64_t wall_ms, const char *name, const struct sha256 *hash, struct str *out)
{
	size_t before;

	add_time(wall_ms, out);
	str_addc(out, '_');
	before = out->len;
	if (name)
		add_own_name(path_base(name), out);
	if (out->len == before)
		str_add_hex(out, hash->bytes, 4);
}

struct type {
	const char *mime;
	const char *extensions[6]; /* the usual one first */
};

static const struct type types[] = {
	{"image/jpeg", {".jpg", ".jpeg", ".jpe", ".jfif"}},
	{"image/png", {".png"}},
	{"image/webp", {".webp"}},
	{"image/gif", {".gif"}},
	{"image/tiff", {".tif", ".tiff"}},
	{"image/heic", {".heic", ".heif", ".hif"}},
	{"image/heif", {".heif", ".heic", ".hif"}},
	{"image/avif", {".avif"}},
	{"image/x-adobe-dng", {".dng"}},
	{"image/x-canon-cr2", {".cr2"}},
	{"image/x-nikon-nef", {".nef"}},
	{"image/x-sony-arw", {".arw"}},
	{"video/mp4", {".mp4", ".m4v"}},
	{"video/quicktime", {".mov", ".qt"}},
	{"video/webm", {".webm"}},
	{"video/3gpp", {".3gp"}},
	{"application/rdf+xml", {".xmp"}},
	{"text/xml", {".aae", ".xmp"}},
};

static bool fits(const struct type *type, const char *extension)
{
	for (size_t i = 0; i < ARRAY_LEN(type->extensions) && type->extensions[i]; i++)
		if (text_ends_nocase(extension, type->extensions[i]))
			return true;
	return false;
}

/* A type that is not in the table keeps a short extension of plain letters and digits. */
static bool is_plain(const char *extension)
{
	size_t len = strlen(extension);

	return len >= 2 && len <= 6 &&
		strspn(extension + 1,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
		len - 1;
}

void portable_extension(const char *name, const char *mime, char out[8])
{
	const char *own = name ? path_extension(name) : "", *chosen = is_plain(own) ? own : "";

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].mime, mime) == 0)
			chosen = is_plain(own) && fits(&types[i], own) ? own :
									 types[i].extensions[0];
	snprintf(out, 8, "%s", chosen);
}

/* --- keeping apart ---------------------------------------------------------------------- */

struct portable_names {
	uint64_t *slots; /* 0: free */
	size_t size, count;
};

int portable_names_open(struct portable_names **out, struct err *err)
{
	struct portable_names *names = mem_calloc(1, sizeof(*names));

	if (names)
		names->slots = mem_calloc(TABLE_FIRST, sizeof(*names->slots));
	if (!names || !names->slots) {
		free(names);
		return err_no_memory(err);
	}
	names->size = TABLE_FIRST;
	*out = names;
	return 0;
}

void portable_names_close(struct portable_names *names)
{
	if (names)
		free(names->slots);
	free(names);
}

/* The same for names that some file system takes for the same: letters lose their case, all else beyond ASCII
 * counts as one. */
static uint64_t fold(const char *name)
{
	char folded[2 * PORTABLE_MAX];
	struct sha256 hash;
	uint64_t key;
	size_t len = 0;

	for (const unsigned char *p = (const unsigned char *)name; *p && len < sizeof(folded);
		p++) {
		if (*p >= 'A' && *p <= 'Z')
			folded[len++] = (char)(*p - 'A' + 'a');
		else if (*p < 0x80)
			folded[len++] = (char)*p;
		else if (*p >= 0xC0)
			folded[len++] = '?';
	}
	crypt_sha256(folded, len, &hash);
	memcpy(&key, hash.bytes, sizeof(key));
	return key ? key : 1;
}

static uint64_t *find(const struct portable_names *names, uint64_t key)
{
	size_t at = (size_t)key & (names->size - 1);

	while (names->slots[at] && names->slots[at] != key)
		at = (at + 1) & (names->size - 1);
	return &names->slots[at];
}

static int grow(struct portable_names *names, struct err *err)
{
	struct portable_names larger = {.size = names->size * 2, .count = names->count};

	larger.slots = mem_calloc(larger.size, sizeof(*larger.slots));
	if (!larger.slots)
		return err_no_memory(err);
	for (size_t i = 0; i < names->size; i++)
		if (names->slots[i])
			*find(&larger, names->slots[i]) = names->slots[i];
	free(names->slots);
	*names = larger;
	return 0;
}

bool portable_names_has(const struct portable_names *names, const char *name)
{
	return *find(names, fold(name)) != 0;
}

int portable_names_take(struct portable_names *names, const char *name, struct err *err)
{
	uint64_t key = fold(name);

	if (names->count * 2 >= names->size && grow(names, err))
		return -1;
	if (!*find(names, key))
		names->count++;
	*find(names, key) = key;
	return 0;
}
