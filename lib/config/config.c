/* config.c - values by origin; see config.h.
 *
 * It reads files and pairs that it is given, never the environment.  Invariant: every value held
 * has passed config_check_value for its key.
 */
#include "config/config.h"
#include "config/file.h"
#include "config/values.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define VALUES_MAX  1000 /* entries of one list */
#define UNKNOWN_MAX 1000

/* What is in force for one key. */
struct slot {
	enum config_origin origin;
	char *where;       /* path or variable; NULL: none to tell */
	struct vec values; /* char *; empty while the default holds */
};

struct config {
	const struct config_table *table;
	struct slot *slots; /* as many as the table has keys */
	struct vec unknown; /* char * */
};

static void free_texts(struct vec *texts)
{
	vec_foreach (texts, char *, text)
		free(*text);
	vec_release(texts);
}

/* The default of a list is one entry or none. */
static int set_default(struct slot *slot, const struct config_key *key)
{
	char **value;

	slot->values = (struct vec)VEC_INIT(char *, VALUES_MAX);
	if (key->type == CONFIG_LIST && !*key->value)
		return 0;
	value = vec_push(&slot->values);
	if (!value)
		return -1;
	*value = mem_strdup(key->value);
	return *value ? 0 : -1;
}

struct config *config_new(const struct config_table *table, struct err *err)
{
	_cleanup_config_ struct config *config = mem_calloc(1, sizeof(*config));

	if (config) {
		config->unknown = (struct vec)VEC_INIT(char *, UNKNOWN_MAX);
		config->table = table;
		config->slots = mem_calloc(table->count, sizeof(*config->slots));
	}
	if (!config || !config->slots) {
		err_no_memory(err);
		return NULL;
	}
	for (size_t i = 0; i < table->count; i++) {
		if (set_default(&config->slots[i], &table->keys[i])) {
			err_no_memory(err);
			return NULL;
		}
	}
	return mem_steal(&config);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; config->slots && i < config->table->count; i++) {
		free(config->slots[i].where);
		free_texts(&config->slots[i].values);
	}
	free(config->slots);
	free_texts(&config->unknown);
	free(config);
}

void config_free_pointer(struct config **config)
{
	config_free(*config);
}

/* --- loading ------------------------------------------------------------------------------- */

/* Takes a checked value in, unless a higher origin has spoken.  Entries of a list add up within
 * one place; anything else is replaced by what comes later. */
static int take_value(struct config *config, const struct config_key *key,
	enum config_origin origin, const char *where, const char *text, struct err *err)
{
	struct slot *slot = &config->slots[key - config->table->keys];
	_cleanup_free_ char *copy = mem_strdup(text);
	_cleanup_free_ char *place = mem_strdup(where);
	char **value;

	if (origin < slot->origin)
		return 0;
	if (!copy || (where && !place))
		return err_no_memory(err);
	if (key->type != CONFIG_LIST || origin != slot->origin || origin == CONFIG_DEFAULT) {
		vec_foreach (&slot->values, char *, old)
			free(*old);
		vec_clear(&slot->values);
	}
	value = vec_push_or(&slot->values, err);
	if (!value)
		return -1;
	*value = mem_steal(&copy);
	slot->origin = origin;
	free(slot->where);
	slot->where = mem_steal(&place);
	return 0;
}

int config_put(struct config *config, enum config_origin origin, const char *name, const char *text,
	struct err *err)
{
	const struct config_key *key = config_need_key(config->table, name, err);

	if (!key || config_check_value(key, text, err))
		return -1;
	return take_value(config, key, origin, NULL, text, err);
}

static int note_unknown(struct config *config, const char *path, size_t number,
	const struct config_line *line, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);
	char **note = vec_push_or(&config->unknown, err);

	if (!note)
		return -1;
	str_addf(&text, "%s (%s:%zu)", line->key, path, number);
	*note = str_take(&text, err);
	return *note ? 0 : -1;
}

static int take_line(struct config *config, enum config_origin origin, const char *path,
	size_t number, const struct config_line *line, bool secret, struct err *err)
{
	const struct config_key *key = config_find_key(config->table, line->key);

	if (!key)
		return note_unknown(config, path, number, line, err);
	if (key->secret && !secret) {
		err_set(err, ERR_INVALID, "%s:%zu: %s is a secret", path, number, key->name);
		return err_hint(err, "move it to %s.secret, which only you may read", path);
	}
	if (config_check_value(key, line->value, err))
		return err_prefix(err, "%s:%zu", path, number);
	return take_value(config, key, origin, path, line->value, err);
}

static int load_one(struct config *config, enum config_origin origin, const char *path, bool secret,
	struct err *err)
{
	_cleanup_config_file_ struct config_file file = CONFIG_FILE_INIT;

	if (config_file_read(&file, path, err))
		return -1;
	for (size_t i = 0; i < file.lines.count; i++) {
		const struct config_line *line = vec_at(&file.lines, i);

		if (line->key && take_line(config, origin, path, i + 1, line, secret, err))
			return -1;
	}
	return 0;
}

/* A secret that others can read is none. */
static int check_secret_mode(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) || !(st.st_mode & 077))
		return 0;
	err_set(err, ERR_DENIED, "%s holds secrets and others may read it", path);
	return err_hint(err, "chmod 600 %s", path);
}

static char *secret_path(const char *path, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(STR_MAX_LINE);

	str_addf(&name, "%s.secret", path);
	return str_take(&name, err);
}

int config_load_file(
	struct config *config, enum config_origin origin, const char *path, struct err *err)
{
	_cleanup_free_ char *secret = secret_path(path, err);

	if (!secret || check_secret_mode(secret, err))
		return -1;
	if (load_one(config, origin, path, false, err))
		return -1;
	return load_one(config, origin, secret, true, err);
}

/* "a:b" is two entries. */
static int take_env_list(struct config *config, const struct config_key *key, const char *name,
	const char *text, struct err *err)
{
	while (*text) {
		size_t len = strcspn(text, ":");
		_cleanup_free_ char *entry = mem_strndup(text, len);

		if (!entry)
			return err_no_memory(err);
		if (*entry &&
			(config_check_value(key, entry, err) ||
				take_value(config, key, CONFIG_ENV, name, entry, err)))
			return -1;
		text += len;
		text += *text ? 1 : 0;
	}
	return 0;
}

static int take_env(struct config *config, const struct config_key *key, const char *name,
	const char *text, struct err *err)
{
	if (key->type == CONFIG_LIST)
		return take_env_list(config, key, name, text, err);
	if (config_check_value(key, text, err))
		return -1;
	return take_value(config, key, CONFIG_ENV, name, text, err);
}

static const char *find_env(const char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; *environment; environment++)
		if (!strncmp(*environment, name, len) && (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}

int config_load_env(struct config *config, const char *const *environment, struct err *err)
{
	for (size_t i = 0; i < config->table->count; i++) {
		const struct config_key *key = &config->table->keys[i];
		_cleanup_str_ struct str name = STR_INIT(256);
		const char *text;

		config_env_name(key, &name);
		text = find_env(environment, name.data);
		if (text && take_env(config, key, name.data, text, err))
			return err_prefix(err, "%s", name.data);
	}
	return 0;
}

/* --- asking -------------------------------------------------------------------------------- */

static const struct slot *find_slot(const struct config *config, const char *name)
{
	const struct config_key *key = config_find_key(config->table, name);

	return key ? &config->slots[key - config->table->keys] : NULL;
}

const char *config_text(const struct config *config, const char *name)
{
	const struct slot *slot = find_slot(config, name);

	return slot && slot->values.count ? *(char **)vec_at(&slot->values, 0) : "";
}

int64_t config_int(const struct config *config, const char *name)
{
	const struct config_key *key = config_find_key(config->table, name);
	int64_t value = 0;

	if (!key || config_parse_number(key, config_text(config, name), &value, NULL))
		return 0;
	return value;
}

uint64_t config_size(const struct config *config, const char *name)
{
	return (uint64_t)config_int(config, name);
}

bool config_bool(const struct config *config, const char *name)
{
	return config_int(config, name) != 0;
}

int config_choice(const struct config *config, const char *name)
{
	return (int)config_int(config, name);
}

const char *const *config_list(const struct config *config, const char *name, size_t *count)
{
	const struct slot *slot = find_slot(config, name);

	*count = slot ? slot->values.count : 0;
	return slot ? (const char *const *)slot->values.items : NULL;
}

enum config_origin config_origin(const struct config *config, const char *name, const char **where)
{
	const struct slot *slot = find_slot(config, name);

	if (where)
		*where = slot ? slot->where : NULL;
	return slot ? slot->origin : CONFIG_DEFAULT;
}

const char *const *config_unknown(const struct config *config, size_t *count)
{
	*count = config->unknown.count;
	return (const char *const *)config->unknown.items;
}

/* --- changing files ------------------------------------------------------------------------ */

/* The mode that a file has, so that writing it anew opens it to nobody. */
static mode_t file_mode(const char *path, bool secret)
{
	struct stat st;

	if (secret)
		return 0600;
	return stat(path, &st) ? 0644 : st.st_mode & 0777;
}

static int write_file(
	const struct config_file *file, const char *path, bool secret, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(CONFIG_FILE_MAX);

	if (config_file_format(file, &text, err))
		return -1;
	return path_write_file(path, text.data, text.len, file_mode(path, secret), err);
}

int config_file_set(const struct config_table *table, const char *path, const char *name,
	const char *const *values, size_t count, struct err *err)
{
	_cleanup_config_file_ struct config_file file = CONFIG_FILE_INIT;
	const struct config_key *key = config_need_key(table, name, err);
	_cleanup_free_ char *target = NULL;

	if (!key)
		return -1;
	if (count != 1 && key->type != CONFIG_LIST)
		return err_set(err, ERR_INVALID, "%s takes one value", name);
	for (size_t i = 0; i < count; i++)
		if (config_check_value(key, values[i], err))
			return -1;
	target = key->secret ? secret_path(path, err) : mem_strdup(path);
	if (!target)
		return err_no_memory(err);
	if (config_file_read(&file, target, err) ||
		config_file_put(&file, name, values, count, err))
		return -1;
	return write_file(&file, target, key->secret, err);
}

int config_file_unset(
	const struct config_table *table, const char *path, const char *name, struct err *err)
{
	_cleanup_config_file_ struct config_file file = CONFIG_FILE_INIT;
	const struct config_key *key = config_find_key(table, name);
	bool secret = key && key->secret;
	_cleanup_free_ char *target = secret ? secret_path(path, err) : mem_strdup(path);
	size_t removed;

	if (!target)
		return err_no_memory(err);
	if (config_file_read(&file, target, err))
		return -1;
	config_file_drop(&file, name, &removed);
	if (!removed)
		return err_set(err, ERR_NOT_FOUND, "%s is not set in %s", name, target);
	return write_file(&file, target, secret, err);
}
