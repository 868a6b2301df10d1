/* values.c - what a setting may be: names, types, checks.
 *
 * It knows no files and no origins.  Invariant: a text that config_check_value accepts is read
 * without error by config_parse_number ever after.
 */
#include "config/values.h"

#include <ctype.h>
#include <strings.h>
#include <string.h>

const struct config_key *config_find_key(const struct config_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->keys[i].name, name))
			return &table->keys[i];
	return NULL;
}

const struct config_key *config_need_key(
	const struct config_table *table, const char *name, struct err *err)
{
	const struct config_key *key = config_find_key(table, name);
	size_t best = 2 + strlen(name) / 4;
	const char *nearest = NULL;

	if (key)
		return key;
	for (size_t i = 0; i < table->count; i++) {
		size_t distance = text_distance(name, table->keys[i].name);

		if (distance < best) {
			best = distance;
			nearest = table->keys[i].name;
		}
	}
	err_set(err, ERR_NOT_FOUND, "no setting is called \"%s\"", name);
	if (nearest)
		err_hint(err, "did you mean %s?", nearest);
	else
		err_hint(err, "`pinhole config list` shows all");
	return NULL;
}

const char *config_type_name(enum config_type type)
{
	static const char *const names[] = {
		[CONFIG_TEXT] = "text",
		[CONFIG_INT] = "number",
		[CONFIG_SIZE] = "size",
		[CONFIG_BOOL] = "yes or no",
		[CONFIG_DURATION] = "duration",
		[CONFIG_CHOICE] = "choice",
		[CONFIG_LIST] = "list",
	};

	return names[type];
}

const char *config_origin_name(enum config_origin origin)
{
	static const char *const names[CONFIG_ORIGIN_COUNT] = {
		[CONFIG_DEFAULT] = "default",
		[CONFIG_SYSTEM] = "system",
		[CONFIG_USER] = "user",
		[CONFIG_STORE] = "store",
		[CONFIG_ENV] = "environment",
		[CONFIG_FLAG] = "option",
	};

	return names[origin];
}

void config_env_name(const struct config_key *key, struct str *out)
{
	str_addz(out, "PINHOLE_");
	for (const char *p = key->name; *p; p++)
		str_addc(
			out, (char)(isalnum((unsigned char)*p) ? toupper((unsigned char)*p) : '_'));
}

static int parse_bool(const char *text, int64_t *out, struct err *err)
{
	static const char *const yes[] = {"true", "yes", "on", "1"};
	static const char *const no[] = {"false", "no", "off", "0"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (strcasecmp(text, yes[i]) && strcasecmp(text, no[i]))
			continue;
		*out = !strcasecmp(text, yes[i]);
		return 0;
	}
	return err_set(err, ERR_INVALID, "\"%s\" is neither true nor false", text);
}

/* "90", "90s", "5m", "2h", "7d" to seconds. */
static int parse_duration(const char *text, int64_t *out, struct err *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	size_t len = strlen(text);
	_cleanup_free_ char *digits = mem_strdup(text);
	int64_t factor = 1, count;

	if (!digits)
		return err_no_memory(err);
	for (size_t i = 0; len && i < ARRAY_LEN(units); i++) {
		if (text[len - 1] != units[i].unit)
			continue;
		factor = units[i].seconds;
		digits[len - 1] = '\0';
	}
	if (text_to_i64(digits, 0, INT64_MAX / 86400, &count, NULL))
		return err_set(
			err, ERR_INVALID, "\"%s\" is not a duration like 90s, 5m, 2h or 7d", text);
	*out = count * factor;
	return 0;
}

static int parse_choice(
	const struct config_key *key, const char *text, int64_t *out, struct err *err)
{
	_cleanup_str_ struct str list = STR_INIT(256);

	for (int i = 0; key->choices[i]; i++) {
		if (!strcmp(key->choices[i], text)) {
			*out = i;
			return 0;
		}
		str_addf(&list, "%s%s", i ? ", " : "", key->choices[i]);
	}
	return err_set(err, ERR_INVALID, "\"%s\" is not one of %s", text, list.data);
}

static int parse_size(const char *text, int64_t *out, struct err *err)
{
	uint64_t size;

	if (text_to_size(text, &size, err))
		return -1;
	if (size > INT64_MAX)
		return err_set(err, ERR_INVALID, "\"%s\" is too large", text);
	*out = (int64_t)size;
	return 0;
}

static int check_range(const struct config_key *key, int64_t value, struct err *err)
{
	if (value < key->min)
		return err_set(err, ERR_INVALID, "%lld is less than %lld", (long long)value,
			(long long)key->min);
	if (key->max && value > key->max)
		return err_set(err, ERR_INVALID, "%lld is more than %lld", (long long)value,
			(long long)key->max);
	return 0;
}

int config_parse_number(
	const struct config_key *key, const char *text, int64_t *out, struct err *err)
{
	int64_t value = 0;
	int failed = 0;

	switch (key->type) {
	case CONFIG_INT:
		failed = text_to_i64(text, INT64_MIN, INT64_MAX, &value, err);
		break;
	case CONFIG_SIZE:
		failed = parse_size(text, &value, err);
		break;
	case CONFIG_DURATION:
		failed = parse_duration(text, &value, err);
		break;
	case CONFIG_BOOL:
		failed = parse_bool(text, &value, err);
		break;
	case CONFIG_CHOICE:
		failed = parse_choice(key, text, &value, err);
		break;
	case CONFIG_TEXT:
	case CONFIG_LIST:
		break;
	}
	if (failed)
		return -1;
	*out = value;
	return 0;
}

static bool has_range(const struct config_key *key)
{
	return key->type == CONFIG_INT || key->type == CONFIG_SIZE || key->type == CONFIG_DURATION;
}

int config_check_value(const struct config_key *key, const char *text, struct err *err)
{
	int64_t value = 0;
	int failed = 0;

	for (const char *p = text; *p; p++)
		if (((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f)
			failed = err_set(err, ERR_INVALID, "the value holds control characters");
	if (strlen(text) > CONFIG_VALUE_MAX)
		failed = err_set(
			err, ERR_INVALID, "the value is longer than %d bytes", CONFIG_VALUE_MAX);
	if (!failed)
		failed = config_parse_number(key, text, &value, err);
	if (!failed && has_range(key))
		failed = check_range(key, value, err);
	return failed ? err_prefix(err, "%s", key->name) : 0;
}
