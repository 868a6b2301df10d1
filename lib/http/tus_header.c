/* tus_header.c - reads what tus clients write into headers; see tus_header.h.
 *
 * It keeps nothing.  Invariant: what passes tus_check_metadata can be sent back in a header as it is.
 */
#include "http/tus_header.h"
#include "base/time.h"
#include "crypt/sha1.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VALUE_MAX 4096 /* bytes of one decoded value */

int tus_parse_number(const char *name, const char *text, int64_t *out, struct err *err)
{
	if (!isdigit((unsigned char)*text) || text_to_i64(text, 0, INT64_MAX, out, NULL))
		return err_set(err, ERR_INVALID, "%s is not a number of bytes", name);
	return 0;
}

/* --- checksum --------------------------------------------------------------------------- */

int tus_parse_checksum(const char *text, struct tus_checksum *out, struct err *err)
{
	static const struct {
		const char *name;
		enum tus_algorithm algorithm;
		size_t len;
	} known[] = {{"sha1", TUS_SHA1, SHA1_LEN}, {"sha256", TUS_SHA256, SHA256_LEN}};
	_cleanup_str_ struct str digest = STR_INIT(SHA256_LEN * 2);
	size_t name_len = strcspn(text, " ");

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strlen(known[i].name) != name_len || strncmp(known[i].name, text, name_len))
			continue;
		if (text[name_len] != ' ' ||
			base64_decode(
				text + name_len + 1, strlen(text + name_len + 1), &digest, NULL) ||
			digest.len != known[i].len)
			return err_set(err, ERR_INVALID, "Upload-Checksum is no %s in base64",
				known[i].name);
		*out = (struct tus_checksum){.algorithm = known[i].algorithm, .len = digest.len};
		memcpy(out->digest, digest.data, digest.len);
		return 0;
	}
	return err_set(
		err, ERR_INVALID, "Upload-Checksum: the algorithm is none of " TUS_ALGORITHMS);
}

/* --- metadata --------------------------------------------------------------------------- */

struct pair { /* borrowed from the header */
	const char *key, *value;
	size_t key_len, value_len;
};

/* Takes the next pair; false at the end. */
static bool next_pair(const char **at, struct pair *out)
{
	const char *text = *at;
	size_t len = strcspn(text, ",");

	if (!*text)
		return false;
	*out = (struct pair){.key = text, .key_len = strcspn(text, " ,")};
	if (out->key_len < len) {
		out->value = text + out->key_len + 1;
		out->value_len = len - out->key_len - 1;
	}
	text += len;
	/* A comma at the very end would hide an empty pair. */
	*at = *text ? text + 1 : text;
	return true;
}

static int check_pair(const struct pair *p, struct err *err)
{
	_cleanup_str_ struct str value = STR_INIT(VALUE_MAX);

	if (!p->key_len)
		return err_set(err, ERR_INVALID, "Upload-Metadata has an empty key");
	for (size_t i = 0; i < p->key_len; i++)
		if (p->key[i] <= ' ' || p->key[i] > '~')
			return err_set(
				err, ERR_INVALID, "Upload-Metadata has a key that is not ASCII");
	if (p->value_len && base64_decode(p->value, p->value_len, &value, NULL))
		return err_set(err, ERR_INVALID, "Upload-Metadata has a value that is not base64");
	return 0;
}

static bool same_key(const struct pair *a, const char *key, size_t len)
{
	return a->key_len == len && memcmp(a->key, key, len) == 0;
}

int tus_check_metadata(const char *text, size_t max, struct err *err)
{
	const char *at = text, *earlier;
	struct pair pair, other;

	if (strlen(text) > max)
		return err_set(err, ERR_TOO_LARGE, "Upload-Metadata is longer than %zu bytes", max);
	if (text_ends(text, ","))
		return err_set(err, ERR_INVALID, "Upload-Metadata has an empty key");
	while (next_pair(&at, &pair)) {
		if (check_pair(&pair, err))
			return -1;
		earlier = text;
		while (next_pair(&earlier, &other) && other.key < pair.key)
			if (same_key(&other, pair.key, pair.key_len))
				return err_set(err, ERR_INVALID,
					"Upload-Metadata has a key more than once");
	}
	return 0;
}

int tus_get_metadata(const char *text, const char *key, struct str *out, struct err *err)
{
	struct pair pair;

	str_clear(out);
	while (next_pair(&text, &pair)) {
		if (!same_key(&pair, key, strlen(key)))
			continue;
		if (pair.value_len && base64_decode(pair.value, pair.value_len, out, err))
			return -1;
		return 1;
	}
	return 0;
}

/* --- dates ------------------------------------------------------------------------------ */

void tus_format_date(int64_t unix_ms, char out[TUS_DATE_LEN])
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct civil c;

	time_to_civil(unix_ms, &c);
	/* 1970-01-01 was a Thursday. */
	snprintf(out, TUS_DATE_LEN, "%s, %02d %s %04d %02d:%02d:%02d GMT",
		days[(unix_ms / 86400000 + 4) % 7], c.day % 100, months[c.month - 1],
		c.year % 10000, c.hour % 100, c.minute % 100, c.second % 100);
}
