/* album.c - pinhole album: make, list, show and change albums.
 *
 * What an album may be is decided in lib/event/album.c, which every door shares.
 */
#include "print.h"
#include "store/album.h"

#include <string.h>

struct album_args {
	const char *title, *description;
};

static const struct opt create_opts[] = {
	OPT_STR('t', "title", struct album_args, title, "TEXT", "what people see (default: NAME)"),
	OPT_STR('d', "description", struct album_args, description, "TEXT",
		"what the album is about"),
	OPT_END,
};

struct list_args {
	bool all;
};

static const struct opt list_opts[] = {
	OPT_BOOL('a', "all", struct list_args, all, "archived albums, too"),
	OPT_END,
};

struct rename_args {
	const char *name;
};

static const struct opt rename_opts[] = {
	OPT_STR(0, "name", struct rename_args, name, "NAME",
		"also change the NAME that is typed on this store"),
	OPT_END,
};

struct archive_args {
	bool undo;
};

static const struct opt archive_opts[] = {
	OPT_BOOL(0, "undo", struct archive_args, undo, "take it out of the archive"),
	OPT_END,
};

/* --- printing --------------------------------------------------------------------------- */

static int print_json_album(struct cmd_ctx *ctx, const struct album *album, struct err *err)
{
	json_t *line = json_object();

	wire_set_uuid(&line, "id", &album->ref.id);
	wire_set_text(&line, "name", album->name);
	wire_set_text(&line, "title", album->title);
	wire_set_text(&line, "description", album->description);
	wire_set_int(&line, "photos", album->photos);
	wire_set_int(&line, "messages", album->messages);
	wire_set_int(&line, "members", album->members);
	wire_set_int(&line, "bytes", album->bytes);
	if (album->has_cover)
		wire_set_hex(&line, "cover", album->cover.bytes, SHA256_LEN);
	wire_set_bool(&line, "archived", album->archived);
	wire_set_int(&line, "created", album->created);
	wire_set_int(&line, "changed", album->changed);
	wire_set_int(&line, "epoch", album->epoch);
	wire_set_int(&line, "head", album->head);
	wire_set_hex(&line, "chain", album->chain.bytes, SHA256_LEN);
	return print_json_line(ctx, line, err);
}

static void print_field(struct cmd_ctx *ctx, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void print_field(struct cmd_ctx *ctx, const char *name, const char *format, ...)
{
	_cleanup_str_ struct str value = STR_INIT(STR_MAX_LINE);
	va_list args;

	va_start(args, format);
	str_addv(&value, format, args);
	va_end(args);
	print_part(ctx, PRINT_DIM, "%-12s ", name);
	print_line(ctx, "%s", value.data);
}

static void print_album(struct cmd_ctx *ctx, const struct album *album)
{
	char size[PRINT_SHORT_LEN], photos[PRINT_SHORT_LEN], messages[PRINT_SHORT_LEN];
	char members[PRINT_SHORT_LEN], created[PRINT_SHORT_LEN], changed[PRINT_SHORT_LEN];
	char id[UUID_TEXT_LEN + 1], cover[SHA256_HEX_LEN + 1];

	print_format_size((uint64_t)album->bytes, size);
	print_format_count((uint64_t)album->photos, "photo", photos);
	print_format_count((uint64_t)album->messages, "message", messages);
	print_format_count((uint64_t)album->members, "member", members);
	print_format_time(album->created, created);
	print_format_ago(ctx, album->changed, changed);
	uuid_format(&album->ref.id, id);
	print_part(ctx, PRINT_BOLD, "%s", album->title);
	print_line(ctx, "%s%s", strcmp(album->title, album->name) ? "  " : "",
		strcmp(album->title, album->name) ? album->name : "");
	if (album->description)
		print_text(ctx, 0, album->description, strlen(album->description));
	print_field(ctx, "holds", "%s (%s), %s", photos, size, messages);
	print_field(ctx, "shared by", "%s", members);
	if (album->has_cover) {
		sha256_format(&album->cover, cover);
		print_field(ctx, "cover", "%.12s", cover);
	}
	print_field(ctx, "created", "%s", created);
	print_field(ctx, "last event", "%s (number %lld)", changed, (long long)album->head);
	if (album->archived)
		print_field(ctx, "archived", "yes");
	if (album->pending || album->rejected)
		print_field(ctx, "waiting", "%lld pending, %lld rejected",
			(long long)album->pending, (long long)album->rejected);
	print_field(ctx, "id", "%s", id);
}

static int show(struct cmd_ctx *ctx, const struct album_ref *ref, struct err *err)
{
	_cleanup_album_ struct album album = {.title = NULL};

	if (album_get(ctx->store, ref, &album, err))
		return -1;
	if (ctx->json)
		return print_json_album(ctx, &album, err);
	print_album(ctx, &album);
	return 0;
}

/* After a change: with --json the album as it is now, else a note. */
static int changed(
	struct cmd_ctx *ctx, const struct album_ref *ref, const char *note, struct err *err)
{
	if (store_settle(ctx->store, err))
		return -1;
	if (ctx->json)
		return show(ctx, ref, err);
	print_note(ctx, "%s", note);
	return 0;
}

/* --- commands --------------------------------------------------------------------------- */

static int run_create(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct album_args *a = args;
	struct album_ref ref;
	char name[ALBUM_NAME_MAX];

	if (!argc && !a->title)
		return err_set(err, ERR_USAGE, "give a NAME or a --title");
	if (ctx->dry_run) {
		print_note(ctx, "would create the album %s", argc ? argv[0] : a->title);
		return argc ? album_name_check(argv[0], err) : 0;
	}
	if (album_create(ctx->store, argc ? argv[0] : NULL, a->title, a->description, &ref, err))
		return err->kind == ERR_INVALID && argc && !a->title ?
			err_hint(err,
				"`pinhole album create --title '…'` makes a NAME of any title") :
			-1;
	if (ctx->json)
		return show(ctx, &ref, err);
	if (album_name(ctx->store, ref.key, name, err))
		return -1;
	print_line(ctx, "%s", name);
	print_note(ctx, "add photos with `pinhole ingest PATH… --album %s`", name);
	return 0;
}

struct listing {
	struct cmd_ctx *ctx;
	struct print_table table;
	int64_t shown;
};

static int list_one(void *data, const struct album *album, struct err *err)
{
	struct listing *l = data;
	char size[PRINT_SHORT_LEN], when[PRINT_SHORT_LEN];

	l->shown++;
	if (l->ctx->json)
		return print_json_album(l->ctx, album, err);
	print_format_size((uint64_t)album->bytes, size);
	print_format_ago(l->ctx, album->changed, when);
	print_cell(&l->table, "%s", album->name);
	print_cell(&l->table, "%s%s", album->title, album->archived ? " (archived)" : "");
	print_cell(&l->table, "%lld", (long long)album->photos);
	print_cell(&l->table, "%lld", (long long)album->messages);
	print_cell(&l->table, "%s", size);
	print_cell(&l->table, "%s", when);
	return 0;
}

static int run_list(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct list_args *a = args;
	struct listing listing = {.ctx = ctx};
	int failed;

	(void)argc;
	(void)argv;
	print_table_start(&listing.table, ctx);
	print_table_column(&listing.table, "NAME", PRINT_LEFT);
	print_table_column(&listing.table, "TITLE", PRINT_SHRINK);
	print_table_column(&listing.table, "PHOTOS", PRINT_RIGHT);
	print_table_column(&listing.table, "MESSAGES", PRINT_RIGHT);
	print_table_column(&listing.table, "SIZE", PRINT_RIGHT);
	print_table_column(&listing.table, "LAST EVENT", PRINT_LEFT);
	failed = album_each(ctx->store, a->all, list_one, &listing, err);
	if (print_table_end(&listing.table, failed ? NULL : err) || failed)
		return -1;
	if (!listing.shown)
		print_note(ctx, "no albums yet: `pinhole album create NAME` makes one");
	return 0;
}

static int run_show(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	struct album_ref ref;

	(void)argc;
	(void)args;
	return resolve_album(ctx->store, argv[0], &ref, err) || show(ctx, &ref, err) ? -1 : 0;
}

static int run_rename(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct rename_args *a = args;
	struct album_ref ref;

	if (argc < 2 && !a->name)
		return err_set(err, ERR_USAGE, "give a TITLE or a --name");
	if (resolve_album(ctx->store, argv[0], &ref, err))
		return -1;
	if (ctx->dry_run) {
		print_note(ctx, "would rename the album %s", argv[0]);
		return 0;
	}
	if ((argc > 1 && album_rename(ctx->store, &ref, argv[1], err)) ||
		(a->name && album_set_name(ctx->store, &ref, a->name, err)))
		return -1;
	return changed(ctx, &ref, "renamed", err);
}

static int run_describe(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_album_ struct album album = {.title = NULL};
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);
	struct album_ref ref;

	(void)args;
	if (resolve_album(ctx->store, argv[0], &ref, err) ||
		album_get(ctx->store, &ref, &album, err))
		return -1;
	if (argc < 2 && editor_write(ctx, album.description, &text, err))
		return err->kind == ERR_USAGE ? err_hint(err, "give the TEXT") : -1;
	if (ctx->dry_run) {
		print_note(ctx, "would describe the album %s", argv[0]);
		return 0;
	}
	if (album_describe(ctx->store, &ref, argc > 1 ? argv[1] : text.data, err))
		return -1;
	return changed(ctx, &ref, "described", err);
}

static int run_cover(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	struct album_ref ref;
	struct photo_ref photo;

	(void)argc;
	(void)args;
	if (resolve_album(ctx->store, argv[0], &ref, err) ||
		resolve_photo(ctx->store, argv[1], &ref, RESOLVE_SHOWN, &photo, err))
		return -1;
	if (ctx->dry_run) {
		print_note(ctx, "would choose the cover of %s", argv[0]);
		return 0;
	}
	if (album_set_cover(ctx->store, &ref, &photo.id, err))
		return -1;
	return changed(ctx, &ref, "chose the cover", err);
}

static int run_archive(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct archive_args *a = args;
	struct album_ref ref;

	(void)argc;
	if (resolve_album(ctx->store, argv[0], &ref, err))
		return -1;
	if (ctx->dry_run) {
		print_note(
			ctx, "would %s the album %s", a->undo ? "unarchive" : "archive", argv[0]);
		return 0;
	}
	if (album_archive(ctx->store, &ref, !a->undo, err))
		return -1;
	return changed(ctx, &ref,
		a->undo ? "out of the archive" :
			  "archived: `pinhole album list --all` still lists it",
		err);
}

static int run_delete(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_album_ struct album album = {.title = NULL};
	_cleanup_str_ struct str question = STR_INIT(2048);
	char photos[PRINT_SHORT_LEN], messages[PRINT_SHORT_LEN], id[UUID_TEXT_LEN + 1];
	struct album_ref ref;

	(void)argc;
	(void)args;
	if (resolve_album(ctx->store, argv[0], &ref, err) ||
		album_get(ctx->store, &ref, &album, err))
		return -1;
	print_format_count((uint64_t)album.photos, "photo", photos);
	print_format_count((uint64_t)album.messages, "message", messages);
	if (ctx->dry_run) {
		print_note(ctx, "would delete %s with %s and %s", album.name, photos, messages);
		return 0;
	}
	str_addf(&question, "Delete the album %s with %s and %s?", album.title, photos, messages);
	if (print_confirm(ctx, question.data, err) || album_delete(ctx->store, &ref, err))
		return -1;
	uuid_format(&ref.id, id);
	if (ctx->json)
		return show(ctx, &ref, err);
	print_note(ctx, "deleted; `pinhole log %s` still tells its history", id);
	return 0;
}

static const struct command subcommands[] = {
	{
		.name = "create",
		.summary = "make an album",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "[NAME]",
		.args_size = sizeof(struct album_args),
		.opts = create_opts,
		.run = run_create,
	},
	{
		.name = "list",
		.summary = "list the albums, newest change first",
		.needs = CMD_STORE_READ,
		.shared = CMD_JSON,
		.words = "",
		.args_size = sizeof(struct list_args),
		.opts = list_opts,
		.run = run_list,
	},
	{
		.name = "show",
		.summary = "show one album",
		.needs = CMD_STORE_READ,
		.shared = CMD_JSON,
		.words = "ALBUM",
		.run = run_show,
	},
	{
		.name = "rename",
		.summary = "change an album's title, or the NAME that is typed here",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "ALBUM [TITLE]",
		.args_size = sizeof(struct rename_args),
		.opts = rename_opts,
		.run = run_rename,
	},
	{
		.name = "describe",
		.summary = "say what an album is about (in an editor without TEXT)",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "ALBUM [TEXT]",
		.run = run_describe,
	},
	{
		.name = "cover",
		.summary = "choose the photo that stands for an album",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "ALBUM PHOTO",
		.run = run_cover,
	},
	{
		.name = "archive",
		.summary = "leave an album out of the lists",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "ALBUM",
		.args_size = sizeof(struct archive_args),
		.opts = archive_opts,
		.run = run_archive,
	},
	{
		.name = "delete",
		.summary = "delete an album; its log stays",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN | CMD_YES,
		.words = "ALBUM",
		.run = run_delete,
	},
	CMD_END,
};

const struct command command_album = {
	.name = "album",
	.summary = "make, list, show and change albums",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_READ,
	.subcommands = subcommands,
};
