/* settings.c - the configuration of this run: which files and variables there are.
 *
 * What they mean is lib/config's.  Invariant: this is the only place that knows where the
 * configuration files lie.
 */
#include "settings.h"
#include "base/path.h"
#include "store/variant.h"

#include <stdlib.h>
#include <unistd.h>

char *settings_path(const struct cmd_ctx *ctx, enum config_origin origin, struct err *err)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	_cleanup_str_ struct str path = STR_INIT(STR_MAX_LINE);

	if (origin == CONFIG_SYSTEM)
		str_addz(&path, "/etc/pinhole/config");
	else if (origin == CONFIG_STORE && ctx->store_dir)
		str_addf(&path, "%s/config", ctx->store_dir);
	else if (origin == CONFIG_USER && config && config[0] == '/')
		str_addf(&path, "%s/pinhole/config", config);
	else if (origin == CONFIG_USER && home && *home)
		str_addf(&path, "%s/.config/pinhole/config", home);
	else {
		err_set(err, ERR_NOT_FOUND, "there is no place for the %s configuration",
			config_origin_name(origin));
		return NULL;
	}
	return str_take(&path, err);
}

const struct config *cmd_config(struct cmd_ctx *ctx, struct err *err)
{
	static const enum config_origin files[] = {CONFIG_SYSTEM, CONFIG_USER, CONFIG_STORE};
	_cleanup_config_ struct config *config = NULL;

	if (ctx->config)
		return ctx->config;
	config = config_new(&config_table, err);
	if (!config)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		_cleanup_free_ char *path = settings_path(ctx, files[i], NULL);

		if (path && config_load_file(config, files[i], path, err))
			return NULL;
	}
	if (config_load_env(config, (const char *const *)environ, err))
		return NULL;
	ctx->config = mem_steal(&config);
	return ctx->config;
}

int settings_open_store(
	struct cmd_ctx *ctx, enum store_mode mode, struct store **out, struct err *err)
{
	const struct config *config = NULL;
	const char *const *caches;
	struct store *store;
	size_t count;

	if (store_check_owner(ctx->store_dir, err) == 0)
		config = cmd_config(ctx, err);
	if (!config || store_open(ctx->store_dir, mode, ctx->clock, &ctx->log, &store, err))
		return -1;
	caches = config_list(config, "cache.dir", &count);
	if (count && variant_use_roots(store, caches, count, err)) {
		store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}
