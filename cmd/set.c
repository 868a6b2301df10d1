/* set.c - pinhole set: corrects what is known about photos: time, place, rotation, tags.
 *
 * Originals stay untouched.  Only what differs becomes an event; a photo that was turned is rendered
 * again.
 */
#include "photos.h"

#include <string.h>

struct set_args {
	const char *album, *at, *rotate;
	struct opt_time taken;
	struct vec tag, untag;
	bool no_render;
};

static const struct opt set_opts[] = {
	OPT_STR('a', "album", struct set_args, album, "ALBUM", "the photos' album"),
	OPT_TIME(0, "taken", struct set_args, taken, "TIME",
		"when it was taken; without a zone the known one stays"),
	OPT_STR(0, "at", struct set_args, at, "LAT,LON", "where it was taken, none to forget it"),
	OPT_STR(0, "rotate", struct set_args, rotate, "TURN",
		"turn it 90, 180, 270 or -90 degrees clockwise, or right, left; none undoes all"),
	OPT_LIST('t', "tag", struct set_args, tag, "TAG", "add a tag"),
	OPT_LIST(0, "untag", struct set_args, untag, "TAG", "take a tag away"),
	OPT_BOOL(0, "no-render", struct set_args, no_render, "do not render what was turned"),
	OPT_END,
};

static int parse_rotate(const char *text, struct photo_change *out, struct err *err)
{
	static const struct {
		const char *word;
		int turns;
	} words[] = {{"90", 1}, {"right", 1}, {"180", 2}, {"270", 3}, {"-90", 3}, {"left", 3}};

	out->set_rotate = true;
	out->turn = strcmp(text, "none") != 0;
	if (!out->turn)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(text, words[i].word) == 0) {
			out->rotate = words[i].turns;
			return 0;
		}
	err_set(err, ERR_USAGE, "\"%s\" is no turn", text);
	return err_hint(err, "one of 90, 180, 270, -90, right, left, none");
}

static int parse_place(const char *text, struct photo_change *out, struct err *err)
{
	out->set_place = true;
	out->placed = strcmp(text, "none") != 0;
	if (!out->placed || photo_place_parse(text, &out->lat_e7, &out->lon_e7, err) == 0)
		return 0;
	err->kind = ERR_USAGE;
	return -1;
}

static int build_change(const struct set_args *a, struct photo_change *out, struct err *err)
{
	if (a->rotate && parse_rotate(a->rotate, out, err))
		return -1;
	if (a->at && parse_place(a->at, out, err))
		return -1;
	out->set_taken = a->taken.given;
	out->wall = a->taken.wall_ms;
	out->offset = a->taken.offset;
	out->tag = a->tag.items;
	out->tag_count = a->tag.count;
	out->untag = a->untag.items;
	out->untag_count = a->untag.count;
	if (out->set_rotate || out->set_place || out->set_taken || out->tag_count ||
		out->untag_count)
		return 0;
	return err_set(
		err, ERR_USAGE, "nothing to set: give --taken, --at, --rotate, --tag or --untag");
}

/* --- rendering -------------------------------------------------------------------------- */

static int render(struct cmd_ctx *ctx, const struct vec *items, struct err *err)
{
	struct render_options options;
	struct render_totals totals;

	if (photos_render_options(ctx, &options, err) ||
		render_missing(ctx->store, &options, items, &totals, err))
		return -1;
	if (!totals.failed)
		return 0;
	return err_set(
		err, ERR_PARTIAL, "the photo is turned, but its pictures could not be rendered");
}

static int add_item(
	struct cmd_ctx *ctx, const struct photo_ref *ref, struct vec *items, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	struct render_item item, *added;

	if (photo_get(ctx->store, ref, &photo, err))
		return -1;
	if (!render_item_from_photo(&photo, &item))
		return 0;
	added = vec_push_or(items, err);
	if (!added)
		return -1;
	*added = item;
	return 0;
}

/* --- the command ------------------------------------------------------------------------ */

static int print_photo(struct cmd_ctx *ctx, const struct photo_ref *ref, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	json_t *line;

	if (photo_get(ctx->store, ref, &photo, err))
		return -1;
	line = photos_json(ctx, &photo, err);
	return line ? print_json_line(ctx, line, err) : -1;
}

static int set_one(struct cmd_ctx *ctx, const struct photo_ref *ref,
	const struct photo_change *change, struct vec *items, struct err *err)
{
	char name[PHOTOS_NAME_MAX];
	bool changed;

	if (photo_change(ctx->store, ref, change, ctx->dry_run, &changed, err))
		return -1;
	if (changed && change->set_rotate && !ctx->dry_run && add_item(ctx, ref, items, err))
		return -1;
	if (ctx->json)
		return print_photo(ctx, ref, err);
	if (photos_name(ctx, &ref->album, &ref->id, name, err))
		return -1;
	if (!changed)
		print_note(ctx, "%s: nothing to change", name);
	else if (ctx->dry_run)
		print_line(ctx, "would change %s", name);
	else
		print_line(ctx, "changed %s", name);
	return 0;
}

static int run_set(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct set_args *a = args;
	_cleanup_vec_ struct vec refs = VEC_INIT(struct photo_ref, OPT_LIST_MAX);
	_cleanup_vec_ struct vec items = VEC_INIT(struct render_item, OPT_LIST_MAX);
	struct photo_change change = {.offset = TIME_OFFSET_NONE};

	if (build_change(a, &change, err) ||
		photos_resolve(ctx, argc, argv, a->album, RESOLVE_SHOWN, &refs, err))
		return -1;
	vec_foreach (&refs, const struct photo_ref, ref)
		if (set_one(ctx, ref, &change, &items, err))
			return -1;
	if (ctx->dry_run)
		return 0;
	if (items.count && !a->no_render && render(ctx, &items, err))
		return -1;
	return store_settle(ctx->store, err);
}

const struct command command_set = {
	.name = "set",
	.summary = "correct a photo's time, place, rotation or tags",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "PHOTO...",
	.args_size = sizeof(struct set_args),
	.opts = set_opts,
	.run = run_set,
};
