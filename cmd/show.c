/* show.c - pinhole show: one photo with all that is known and was said about it.
 *
 * A photo in several albums is shown once for each.  Nothing is changed, except that --render makes the
 * pictures that are missing.
 */
#include "photos.h"
#include "settings.h"
#include "store/album.h"
#include "store/message.h"
#include "store/variant.h"

#include <string.h>

#define COMMENTS_SHOWN 5
#define LABEL_WIDTH    11

struct show_args {
	const char *album;
	bool render;
};

static const struct opt show_opts[] = {
	OPT_STR('a', "album", struct show_args, album, "ALBUM", "only as this album has it"),
	OPT_BOOL(0, "render", struct show_args, render,
		"make the thumbnail and preview if they are missing or failed"),
	OPT_END,
};

static const char *const variant_names[] = {"thumb", "preview"};

/* --- JSON ------------------------------------------------------------------------------- */

static const char *why_absent(const struct variant *v)
{
	return v->reason[0] ? v->reason : "not rendered yet";
}

static json_t *variant_json(
	struct cmd_ctx *ctx, const struct sha256 *object, const struct variant *v)
{
	bool there = v->state == VARIANT_READY || v->state == VARIANT_DAMAGED;
	_cleanup_free_ char *path = there ? variant_path(ctx->store, object, v) : NULL;
	json_t *line = json_object();

	wire_set_text(&line, "name", v->name);
	if (there) {
		wire_set_text(&line, "path", path);
		wire_set_text(&line, "mime", v->mime);
		wire_set_int(&line, "width", v->width);
		wire_set_int(&line, "height", v->height);
	}
	if (v->state != VARIANT_READY)
		wire_set_text(&line, "reason", why_absent(v));
	return line;
}

/* The variants of what is shown, at the photo's rotation; none when it was erased. */
static int load_variants(struct cmd_ctx *ctx, const struct photo *photo,
	struct variant out[ARRAY_LEN(variant_names)], size_t *count, struct err *err)
{
	const struct photo_part *part = photo_shown_part(photo);

	*count = 0;
	for (size_t i = 0; part && i < ARRAY_LEN(variant_names); i++) {
		if (variant_get(ctx->store, &part->id, variant_names[i], photo->rotate, &out[i],
			    err) < 0)
			return -1;
		++*count;
	}
	return 0;
}

/* Where the original bytes of each part lie. */
static void set_part_paths(struct cmd_ctx *ctx, const struct photo *photo, json_t *line)
{
	json_t *parts = json_object_get(line, "parts");

	for (size_t i = 0; i < photo->parts.count; i++) {
		const struct photo_part *part = vec_at(&photo->parts, i);
		_cleanup_free_ char *path = object_path(ctx->store->objects, &part->id, NULL);

		if (path)
			json_object_set_new(json_array_get(parts, i), "path", json_string(path));
	}
}

static int print_json(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	struct variant variants[ARRAY_LEN(variant_names)];
	const struct photo_part *part = photo_shown_part(photo);
	json_t *line, *list;
	size_t count;

	if (load_variants(ctx, photo, variants, &count, err))
		return -1;
	line = photos_json(ctx, photo, err);
	if (!line)
		return -1;
	set_part_paths(ctx, photo, line);
	list = json_array();
	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, variant_json(ctx, &part->id, &variants[i])))
			wire_json_free(&list);
	wire_set_json(&line, "variants", list);
	return print_json_line(ctx, line, err);
}

/* --- for people ------------------------------------------------------------------------- */

static void print_label(struct cmd_ctx *ctx, const char *label)
{
	print_part(ctx, PRINT_DIM, "%-*s", LABEL_WIDTH, label);
}

static void print_words(struct cmd_ctx *ctx, const char *label, const char *words)
{
	if (!words || !*words)
		return;
	print_label(ctx, label);
	print_line(ctx, "%s", words);
}

static void print_taken(struct cmd_ctx *ctx, const struct photo *photo)
{
	char text[PHOTOS_TIME_MAX];

	if (!photo->has_taken)
		return;
	photos_format_taken(photo, text);
	print_label(ctx, "taken");
	print_part(ctx, PRINT_PLAIN, "%s", text);
	if (photo->taken_source[0])
		print_part(ctx, PRINT_DIM, "  %s", photo->taken_source);
	print_line(ctx, "%s", "");
}

static void print_camera(struct cmd_ctx *ctx, const struct photo *photo)
{
	const char *make = photo_text(photo, "make"), *model = photo_text(photo, "model");
	const char *lens = photo_text(photo, "lens");

	/* Many cameras say their maker in both. */
	if (make && model && text_starts(model, make))
		make = NULL;
	if (!make && !model && !lens)
		return;
	print_label(ctx, "camera");
	print_part(ctx, PRINT_PLAIN, "%s%s%s", make ? make : "", make && model ? " " : "",
		model ? model : "");
	if (lens)
		print_part(ctx, PRINT_PLAIN, "%s%s", make || model ? ", " : "", lens);
	print_line(ctx, "%s", "");
}

/* "1/250 s", "2.5 s" */
static void add_exposure(struct str *out, int64_t us)
{
	if (us <= 0)
		return;
	if (us < 300000)
		str_addf(out, "1/%.0f s", 1e6 / (double)us);
	else
		str_addf(out, "%g s", (double)us / 1e6);
}

static void add_number(
	struct str *out, const char *before, int64_t value, double unit, const char *after)
{
	if (value > 0)
		str_addf(
			out, "%s%s%g%s", out->len ? ", " : "", before, (double)value / unit, after);
}

static void print_exposure(struct cmd_ctx *ctx, const struct photo *photo)
{
	_cleanup_str_ struct str text = STR_INIT(1024);

	add_exposure(&text, photo_int(photo, "exposure", 0));
	add_number(&text, "f/", photo_int(photo, "f_number", 0), 100, "");
	add_number(&text, "ISO ", photo_int(photo, "iso", 0), 1, "");
	add_number(&text, "", photo_int(photo, "focal", 0), 10, " mm");
	print_words(ctx, "exposure", text.data);
}

static void print_picture(struct cmd_ctx *ctx, const struct photo *photo)
{
	char size[PRINT_SHORT_LEN], length[PRINT_SHORT_LEN];
	int64_t duration = photo_int(photo, "duration", -1);
	static const char *const turned[] = {
		"", "a quarter to the right", "upside down", "a quarter to the left"};

	print_format_size((uint64_t)photo->bytes, size);
	print_label(ctx, "picture");
	if (photo->width && photo->height)
		print_part(ctx, PRINT_PLAIN, "%lld × %lld, ", (long long)photo->width,
			(long long)photo->height);
	print_part(ctx, PRINT_PLAIN, "%s, %s", photo->mime, size);
	if (duration >= 0) {
		print_format_duration(duration, length);
		print_part(ctx, PRINT_PLAIN, ", %s", length);
	}
	print_line(ctx, "%s", "");
	print_words(ctx, "turned", turned[photo->rotate]);
}

/* Degrees as written, without trailing zeros: "48.8584". */
static void print_place(struct cmd_ctx *ctx, const struct photo *photo)
{
	if (!photo->has_place)
		return;
	print_label(ctx, "where");
	print_line(ctx, "%.10g, %.10g", photo->lat_e7 / 1e7, photo->lon_e7 / 1e7);
}

static void print_tags(struct cmd_ctx *ctx, const struct photo *photo)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);

	vec_foreach (&photo->tags, char *, tag)
		str_addf(&text, "%s%s", text.len ? ", " : "", *tag);
	print_words(ctx, "tags", text.data);
}

static int print_added(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	_cleanup_str_ struct str author = STR_INIT(STR_MAX_LINE);
	char when[PRINT_SHORT_LEN];

	if (participant_name(ctx->store, photo->album.key, &photo->author, &author, err))
		return -1;
	print_format_ago(ctx, photo->added, when);
	print_label(ctx, "added");
	print_line(ctx, "%s by %s", when, author.data);
	return 0;
}

static void print_parts(struct cmd_ctx *ctx, const struct photo *photo)
{
	const struct photo_part *shown = photo_shown_part(photo);

	for (size_t i = 0; photo->parts.count > 1 && i < photo->parts.count; i++) {
		const struct photo_part *part = vec_at(&photo->parts, i);
		char hex[SHA256_HEX_LEN + 1], size[PRINT_SHORT_LEN];

		sha256_format(&part->id, hex);
		print_format_size((uint64_t)part->bytes, size);
		print_label(ctx, i ? "" : "parts");
		print_part(ctx, PRINT_PLAIN, "%-8s  %.*s  %s, %s", part->role, PHOTOS_DIGITS, hex,
			part->mime, size);
		print_part(ctx, PRINT_DIM, "%s%s%s", part->name ? "  " : "",
			part->name ? part->name : "", part == shown ? "  (shown)" : "");
		print_line(ctx, "%s", "");
	}
}

static int print_variants(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	struct variant variants[ARRAY_LEN(variant_names)];
	size_t count;

	if (load_variants(ctx, photo, variants, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct variant *v = &variants[i];
		_cleanup_free_ char *path = NULL;

		print_label(ctx, v->name);
		if (v->state == VARIANT_READY || v->state == VARIANT_DAMAGED) {
			path = variant_path(ctx->store, &photo_shown_part(photo)->id, v);
			print_part(ctx, PRINT_PLAIN, "%s", path ? path : "");
		}
		if (v->state != VARIANT_READY)
			print_part(ctx, v->state == VARIANT_NONE ? PRINT_DIM : PRINT_YELLOW, "%s%s",
				path ? "  " : "", why_absent(v));
		print_line(ctx, "%s", "");
	}
	return 0;
}

static int print_comments(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;
	struct message_query query = {
		.album = photo->album.key, .photo = &photo->id, .limit = COMMENTS_SHOWN};

	if (message_page_read(ctx->store, &query, &page, err))
		return -1;
	if (page.messages.count)
		print_line(ctx, "%s", "");
	if (page.more)
		print_note(ctx, "%lld comments, the newest %d:", (long long)photo->comments,
			COMMENTS_SHOWN);
	vec_foreach (&page.messages, const struct message, m) {
		char when[PRINT_SHORT_LEN];

		print_format_ago(ctx, m->when, when);
		print_part(ctx, PRINT_BOLD, "%s", m->author_name);
		print_part(ctx, PRINT_DIM, "  %s", when);
		print_line(ctx, "%s", m->text ? "" : "  (taken back)");
		if (m->text)
			print_text(ctx, 4, m->text, strlen(m->text));
	}
	return 0;
}

static int print_head(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	char name[PHOTOS_NAME_MAX];

	if (photos_name(ctx, &photo->album, &photo->id, name, err))
		return -1;
	print_part(ctx, PRINT_BOLD, "%s", name);
	if (photo->name)
		print_part(ctx, PRINT_PLAIN, "  %s", photo->name);
	if (photo->state != PHOTO_SHOWN)
		print_part(ctx, PRINT_RED, "  %s",
			photo->state == PHOTO_REMOVED ? "removed" : "erased");
	print_line(ctx, "%s", "");
	paint_photo(ctx, photo);
	if (photo->caption)
		print_text(ctx, 0, photo->caption, strlen(photo->caption));
	return 0;
}

static int print_human(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	if (print_head(ctx, photo, err))
		return -1;
	if (photo->state == PHOTO_ERASED)
		return 0;
	print_taken(ctx, photo);
	print_place(ctx, photo);
	print_camera(ctx, photo);
	print_exposure(ctx, photo);
	print_picture(ctx, photo);
	print_words(ctx, "title", photo_text(photo, "title"));
	print_words(ctx, "described", photo_text(photo, "description"));
	print_tags(ctx, photo);
	if (photo->likes) {
		print_label(ctx, "likes");
		print_line(ctx, "%lld", (long long)photo->likes);
	}
	if (print_added(ctx, photo, err))
		return -1;
	print_parts(ctx, photo);
	return print_variants(ctx, photo, err) || print_comments(ctx, photo, err) ? -1 : 0;
}

/* --- the command ------------------------------------------------------------------------ */

/* Through a second, writing handle: showing alone needs none. */
static int render(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	_cleanup_vec_ struct vec items = VEC_INIT(struct render_item, 1);
	struct render_item *item = vec_push_or(&items, err);
	struct render_options options;
	struct render_totals totals;
	struct store *store = NULL;
	int failed;

	if (!item || photos_render_options(ctx, &options, err))
		return -1;
	if (!render_item_from_photo(photo, item))
		return 0;
	options.again = true;
	if (settings_open_store(ctx, STORE_WRITE, &store, err))
		return -1;
	failed = render_missing(store, &options, &items, &totals, err);
	store_close(store);
	return failed;
}

static int show_one(struct cmd_ctx *ctx, const struct photo_ref *ref, const struct show_args *a,
	bool first, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;

	if (photo_get(ctx->store, ref, &photo, err) || (a->render && render(ctx, &photo, err)))
		return -1;
	if (ctx->json)
		return print_json(ctx, &photo, err);
	if (!first)
		print_line(ctx, "%s", "");
	return print_human(ctx, &photo, err);
}

/* What is shown goes before what was removed; what was erased is not there any more. */
static int drop_hidden(struct vec *refs, const char *text, struct err *err)
{
	int64_t best = PHOTO_ERASED;
	size_t kept = 0;

	vec_foreach (refs, const struct photo_ref, ref)
		if (ref->state < best)
			best = ref->state;
	if (best == PHOTO_ERASED)
		return err_set(err, ERR_NOT_FOUND, "photo '%s' was erased", text);
	for (size_t i = 0; i < refs->count; i++) {
		const struct photo_ref *ref = vec_at(refs, i);

		if (ref->state == best)
			*(struct photo_ref *)vec_at(refs, kept++) = *ref;
	}
	refs->count = kept;
	return 0;
}

/* One photo, in all albums that have it; with --album in that one. */
static int find_all(
	struct cmd_ctx *ctx, const char *text, const char *album, struct vec *out, struct err *err)
{
	struct album_ref within;
	struct photo_ref *ref;

	if (!album) {
		if (resolve_photo_all(ctx->store, text, RESOLVE_ANY, out, err))
			return -1;
		return drop_hidden(out, text, err);
	}
	if (resolve_album(ctx->store, album, &within, err))
		return -1;
	ref = vec_push_or(out, err);
	if (!ref || resolve_photo(ctx->store, text, &within, RESOLVE_ANY, ref, err))
		return -1;
	return drop_hidden(out, text, err);
}

static int run_show(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct show_args *a = args;
	bool first = true;

	for (int i = 0; i < argc; i++) {
		_cleanup_vec_ struct vec refs = VEC_INIT(struct photo_ref, 1000);

		if (find_all(ctx, argv[i], a->album, &refs, err))
			return -1;
		vec_foreach (&refs, const struct photo_ref, ref) {
			if (show_one(ctx, ref, a, first, err))
				return -1;
			first = false;
		}
	}
	return 0;
}

const struct command command_show = {
	.name = "show",
	.summary = "show a photo and what was said about it",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "PHOTO...",
	.args_size = sizeof(struct show_args),
	.opts = show_opts,
	.run = run_show,
};
