/* config.c - pinhole config: read and change settings.
 *
 * Keys, types and files are lib/config's.  Invariant: a secret is never listed.
 */
#include "print.h"
#include "settings.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STDIN_VALUE_MAX 4096

struct file_args {
	bool user, system;
};

static const struct opt file_opts[] = {
	OPT_BOOL(0, "user", struct file_args, user, "the file of this user, for all stores"),
	OPT_BOOL(0, "system", struct file_args, system, "the file of this machine, for all users"),
	OPT_END,
};

struct list_args {
	bool show_origin;
};

static const struct opt list_opts[] = {
	OPT_BOOL(0, "show-origin", struct list_args, show_origin, "tell where each value is set"),
	OPT_END,
};

/* The file that is to be changed: the store's, unless asked otherwise. */
static char *choose_file(struct cmd_ctx *ctx, const struct file_args *a, struct err *err)
{
	_cleanup_free_ char *database = path_join(ctx->store_dir, "pinhole.db");

	if (a->user && a->system) {
		err_set(err, ERR_USAGE, "--user and --system exclude each other");
		return NULL;
	}
	if (a->system)
		return settings_path(ctx, CONFIG_SYSTEM, err);
	if (a->user)
		return settings_path(ctx, CONFIG_USER, err);
	if (database && path_exists(database))
		return settings_path(ctx, CONFIG_STORE, err);
	err_set(err, ERR_NO_STORE, "there is no store in %s", ctx->store_dir);
	err_hint(err, "`pinhole init` makes one; --user sets it for all stores");
	return NULL;
}

/* The directory of the user's file may not exist yet. */
static int make_parent(const char *path, struct err *err)
{
	_cleanup_free_ char *dir = mem_strndup(path, (size_t)(path_base(path) - path));

	if (!dir)
		return err_no_memory(err);
	return path_make_dirs(dir, 0755, err);
}

static int read_stdin_value(struct cmd_ctx *ctx, struct str *value, struct err *err)
{
	if (isatty(STDIN_FILENO)) {
		if (ctx->no_input)
			return err_set(err, ERR_USAGE, "no VALUE was given");
		fputs("value: ", ctx->err);
		fflush(ctx->err);
	}
	if (path_read_fd(STDIN_FILENO, "standard input", STDIN_VALUE_MAX, value, err))
		return -1;
	if (value->len && value->data[value->len - 1] == '\n')
		str_truncate(value, value->len - 1);
	return 0;
}

static int run_set(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_str_ struct str typed = STR_INIT(STDIN_VALUE_MAX);
	_cleanup_free_ char *path = choose_file(ctx, args, err);
	const char *const *values = (const char *const *)argv + 1;
	const char *stdin_value;
	size_t count = (size_t)argc - 1;

	if (!path || !config_need_key(&config_table, argv[0], err))
		return -1;
	if (count == 0) {
		if (read_stdin_value(ctx, &typed, err))
			return -1;
		stdin_value = typed.data;
		values = &stdin_value;
		count = 1;
	}
	if (make_parent(path, err))
		return -1;
	return config_file_set(&config_table, path, argv[0], values, count, err);
}

static int run_unset(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_free_ char *path = choose_file(ctx, args, err);

	(void)argc;
	if (!path)
		return -1;
	return config_file_unset(&config_table, path, argv[0], err);
}

static json_t *json_list(const struct config *config, const char *name)
{
	json_t *list = json_array();
	const char *const *values;
	size_t count;

	values = config_list(config, name, &count);
	for (size_t i = 0; list && i < count; i++) {
		if (json_array_append_new(list, json_string(values[i]))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static void set_json_value(json_t **line, const struct config *config, const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_INT:
	case CONFIG_SIZE:
	case CONFIG_DURATION:
		wire_set_int(line, "value", config_int(config, key->name));
		break;
	case CONFIG_BOOL:
		wire_set_bool(line, "value", config_bool(config, key->name));
		break;
	case CONFIG_LIST:
		wire_set_json(line, "value", json_list(config, key->name));
		break;
	case CONFIG_TEXT:
	case CONFIG_CHOICE:
		wire_set_text(line, "value", config_text(config, key->name));
		break;
	}
}

static int print_json_key(struct cmd_ctx *ctx, const struct config *config,
	const struct config_key *key, bool hide, struct err *err)
{
	json_t *line = json_object();
	const char *where;

	wire_set_text(&line, "key", key->name);
	if (hide)
		wire_set_bool(&line, "secret", true);
	else
		set_json_value(&line, config, key);
	wire_set_text(
		&line, "origin", config_origin_name(config_origin(config, key->name, &where)));
	wire_set_text(&line, "where", where);
	return print_json_line(ctx, line, err);
}

static int run_get(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct config_key *key = config_need_key(&config_table, argv[0], err);
	const struct config *config;
	const char *const *values;
	size_t count;

	(void)argc;
	(void)args;
	if (!key)
		return -1;
	config = cmd_config(ctx, err);
	if (!config)
		return -1;
	if (ctx->json)
		return print_json_key(ctx, config, key, false, err);
	values = config_list(config, key->name, &count);
	for (size_t i = 0; i < count; i++)
		print_path(ctx, values[i]);
	return 0;
}

/* The value in one line; a list's entries stand side by side. */
static int value_text(
	const struct config *config, const struct config_key *key, struct str *out, struct err *err)
{
	size_t count;
	const char *const *values = config_list(config, key->name, &count);

	if (key->secret && count) {
		str_addz(out, "(secret)");
		return str_check(out, err);
	}
	for (size_t i = 0; i < count; i++)
		str_addf(out, "%s%s", i ? ":" : "", values[i]);
	return str_check(out, err);
}

static int list_plain(struct cmd_ctx *ctx, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config_table.count; i++) {
		_cleanup_str_ struct str value = STR_INIT(STR_MAX_FILE);

		if (value_text(config, &config_table.keys[i], &value, err))
			return -1;
		print_line(ctx, "%s=%s", config_table.keys[i].name, value.data);
	}
	return 0;
}

static int list_json(struct cmd_ctx *ctx, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config_table.count; i++) {
		const struct config_key *key = &config_table.keys[i];

		if (print_json_key(ctx, config, key, key->secret, err))
			return -1;
	}
	return 0;
}

static int list_with_origin(struct cmd_ctx *ctx, const struct config *config, struct err *err)
{
	struct print_table table;
	int failed = 0;

	print_table_start(&table, ctx);
	print_table_column(&table, "KEY", PRINT_LEFT);
	print_table_column(&table, "VALUE", PRINT_SHRINK);
	print_table_column(&table, "FROM", PRINT_LEFT);
	for (size_t i = 0; i < config_table.count && !failed; i++) {
		const struct config_key *key = &config_table.keys[i];
		_cleanup_str_ struct str value = STR_INIT(STR_MAX_FILE);
		const char *where;
		enum config_origin origin = config_origin(config, key->name, &where);

		failed = value_text(config, key, &value, err);
		print_cell(&table, "%s", key->name);
		print_cell(&table, "%s", value.data);
		print_cell(&table, "%s%s%s", config_origin_name(origin), where ? " " : "",
			where ? where : "");
	}
	if (print_table_end(&table, err))
		return -1;
	return failed;
}

static int run_list(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct list_args *a = args;
	const struct config *config = cmd_config(ctx, err);
	const char *const *unknown;
	size_t count;

	(void)argc;
	(void)argv;
	if (!config)
		return -1;
	unknown = config_unknown(config, &count);
	for (size_t i = 0; i < count; i++)
		print_warning(ctx, "no setting is called %s", unknown[i]);
	if (ctx->json)
		return list_json(ctx, config, err);
	return a->show_origin ? list_with_origin(ctx, config, err) : list_plain(ctx, config, err);
}

static const struct command config_commands[] = {
	{
		.name = "get",
		.summary = "print the value in force",
		.needs = CMD_STORE_DIR,
		.shared = CMD_JSON | CMD_NUL,
		.words = "KEY",
		.run = run_get,
	},
	{
		.name = "set",
		.summary = "set a value in a file",
		.needs = CMD_STORE_DIR,
		.words = "KEY [VALUE...]",
		.args_size = sizeof(struct file_args),
		.opts = file_opts,
		.run = run_set,
	},
	{
		.name = "unset",
		.summary = "take a value out of a file",
		.needs = CMD_STORE_DIR,
		.words = "KEY",
		.args_size = sizeof(struct file_args),
		.opts = file_opts,
		.run = run_unset,
	},
	{
		.name = "list",
		.summary = "print all values in force",
		.needs = CMD_STORE_DIR,
		.shared = CMD_JSON,
		.words = "",
		.args_size = sizeof(struct list_args),
		.opts = list_opts,
		.run = run_list,
	},
	CMD_END,
};

const struct command command_config = {
	.name = "config",
	.summary = "read and change settings",
	.group = CMD_GROUP_HOUSE,
	.subcommands = config_commands,
};
