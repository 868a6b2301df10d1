/* init.c - pinhole init: make a store and its owner. */
#include "print.h"
#include "settings.h"
#include "phone/phone.h"
#include "store/store.h"

#include <ctype.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

struct init_args {
	const char *name, *phone, *region;
};

static const struct opt init_opts[] = {
	OPT_STR(0, "name", struct init_args, name, "NAME",
		"the owner's name, as people will see it (default: yours on this machine)"),
	OPT_STR(0, "phone", struct init_args, phone, "NUMBER", "the owner's telephone number"),
	OPT_STR(0, "region", struct init_args, region, "CC",
		"two letters: where numbers without +… are dialled, such as FR"),
	OPT_END,
};

/* What the machine calls the user: the real name, else the login. */
static const char *machine_name(char out[256])
{
	const struct passwd *user = getpwuid(geteuid());
	const char *name = user && user->pw_gecos ? user->pw_gecos : "";
	size_t len = strcspn(name, ",");

	if (len == 0 && user) {
		name = user->pw_name;
		len = strlen(name);
	}
	if (len == 0 || len > 255 || !text_is_utf8(name, len))
		return "owner";
	memcpy(out, name, len);
	out[len] = '\0';
	return out;
}

/* A name is one line that shows something. */
static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len > 255 || !text_is_utf8(name, len))
		return err_set(err, ERR_INVALID, "the name is not UTF-8 of at most 255 bytes");
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)name[i]))
			return err_set(err, ERR_INVALID, "the name holds control characters");
	if (strspn(name, " ") == len)
		return err_set(err, ERR_INVALID, "the name is blank");
	return 0;
}

static int check_region(const char *region, char out[3], struct err *err)
{
	bool valid = false;

	if (strlen(region) == 2) {
		out[0] = (char)toupper((unsigned char)region[0]);
		out[1] = (char)toupper((unsigned char)region[1]);
		out[2] = '\0';
		if (phone_region_is_valid(out, &valid, err))
			return -1;
	}
	if (valid)
		return 0;
	return err_set(
		err, ERR_INVALID, "'%s' is not a region: give two letters, such as FR", region);
}

static int check_phone(const char *number, const char *region, struct phone *out, struct err *err)
{
	if (phone_normalize(number, region, out, err))
		return -1;
	if (out->outcome == PHONE_E164)
		return 0;
	err_set(err, ERR_INVALID, "the number '%s' %s", number, phone_outcome_reason(out->outcome));
	return err_hint(err, "write it with its country code, or give --region");
}

/* The region holds for contacts, too: it is a setting. */
static int keep_region(struct cmd_ctx *ctx, const char *dir, const char *region, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	ctx->store_dir = dir;
	path = settings_path(ctx, CONFIG_STORE, err);
	if (!path)
		return -1;
	return config_file_set(&config_table, path, "user.region", &region, 1, err);
}

static int run_init(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct init_args *a = args;
	const char *dir = argc ? argv[0] : ctx->store_dir;
	struct phone phone = {.e164 = ""};
	char name[256], region[3] = "";
	struct store_identity who = {.name = a->name ? a->name : machine_name(name)};

	if (check_name(who.name, err))
		return -1;
	if (a->region && check_region(a->region, region, err))
		return -1;
	if (a->phone && check_phone(a->phone, region, &phone, err))
		return -1;
	who.phone = *phone.e164 ? phone.e164 : NULL;
	who.region = *region ? region : NULL;
	if (store_init(dir, &who, ctx->clock, err))
		return -1;
	if (*region && keep_region(ctx, dir, region, err))
		return -1;
	if (ctx->json) {
		json_t *line = json_object();

		wire_set_text(&line, "store", dir);
		wire_set_text(&line, "name", who.name);
		wire_set_text(&line, "phone", who.phone);
		return print_json_line(ctx, line, err);
	}
	print_note(ctx, "made a store in %s for %s", dir, who.name);
	if (argc)
		print_note(ctx, "use it with `pinhole --store %s …` or PINHOLE_STORE=%s", dir, dir);
	print_note(ctx,
		"next: `pinhole album create beach`, then `pinhole ingest PHOTOS --album beach`");
	return 0;
}

const struct command command_init = {
	.name = "init",
	.summary = "make a store and its owner",
	.group = CMD_GROUP_START,
	.needs = CMD_STORE_DIR,
	.shared = CMD_JSON,
	.words = "[DIR]",
	.args_size = sizeof(struct init_args),
	.opts = init_opts,
	.run = run_init,
};
