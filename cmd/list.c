/* list.c - pinhole list: the photos of an album in the order in which they were taken.
 *
 * Memory stays small however many there are: they are read a page at a time.
 */
#include "photos.h"
#include "base/time.h"

#include <string.h>

#define PAGE_SIZE 200
#define DAY_MS    86400000LL

struct list_args {
	struct opt_time since, until;
	const char *by, *near, *tag;
	struct vec has;
	bool removed, reverse;
	int64_t limit;
};

static const struct list_args list_defaults = {.limit = INT64_MAX};

static const struct opt list_opts[] = {
	OPT_TIME(0, "since", struct list_args, since, "TIME", "taken then or later"),
	OPT_TIME(0, "until", struct list_args, until, "TIME",
		"taken before the end of that year, month, day or minute"),
	OPT_STR(0, "by", struct list_args, by, "PERSON", "added by this participant"),
	OPT_STR(0, "near", struct list_args, near, "LAT,LON,KM", "taken within KM of a place"),
	OPT_LIST(0, "has", struct list_args, has, "WHAT",
		"only those with gps, caption, comment, like, tag, video or raw"),
	OPT_STR('t', "tag", struct list_args, tag, "TAG", "only those with this tag"),
	OPT_BOOL(0, "removed", struct list_args, removed, "those that were removed instead"),
	OPT_BOOL('r', "reverse", struct list_args, reverse, "the newest first"),
	OPT_INT('l', "limit", struct list_args, limit, 1, INT64_MAX, "N", "at most this many"),
	OPT_END,
};

/* --- what to look for ------------------------------------------------------------------- */

/* Photos stand in the timeline by what the clock on the wall showed: a zone has no meaning here. */
static int check_no_zone(const struct opt_time *time, const char *name, struct err *err)
{
	if (!time->given || time->offset == TIME_OFFSET_NONE)
		return 0;
	err_set(err, ERR_USAGE, "--%s takes a time without a zone", name);
	return err_hint(err, "photos are sorted by the time that their camera's clock showed");
}

/* Each --has may name several, separated by commas. */
static int parse_has(const struct vec *has, unsigned *out, struct err *err)
{
	vec_foreach (has, const char *, text) {
		const char *rest = *text;

		while (*rest) {
			size_t len = strcspn(rest, ",");
			_cleanup_free_ char *word = mem_strndup(rest, len);
			unsigned bit;

			if (!word)
				return err_no_memory(err);
			if (photo_has_parse(word, &bit, err)) {
				err->kind = ERR_USAGE;
				return -1;
			}
			*out |= bit;
			rest += len + (rest[len] == ',');
		}
	}
	return 0;
}

static int build_filter(struct cmd_ctx *ctx, const struct list_args *a,
	const struct album_ref *album, struct uuid *by, struct photo_filter *out, struct err *err)
{
	if (check_no_zone(&a->since, "since", err) || check_no_zone(&a->until, "until", err) ||
		parse_has(&a->has, &out->has, err))
		return -1;
	if (a->near && photo_near_parse(a->near, &out->near, err)) {
		err->kind = ERR_USAGE;
		return -1;
	}
	if (a->by) {
		if (resolve_participant(ctx->store, album, a->by, by, err))
			return -1;
		out->by = by;
	}
	out->has_since = a->since.given;
	out->since = a->since.wall_ms;
	out->has_until = a->until.given;
	out->until = a->until.wall_ms + a->until.span_ms;
	out->tag = a->tag;
	out->state = a->removed ? PHOTO_REMOVED : PHOTO_SHOWN;
	out->backwards = a->reverse;
	return 0;
}

/* --- for people ------------------------------------------------------------------------- */

struct listing {
	struct cmd_ctx *ctx;
	bool started, dated;
	int64_t day; /* of the last photo: days since 1970 */
	int64_t shown;
};

static int64_t day_of(int64_t wall)
{
	return wall >= 0 ? wall / DAY_MS : -((-wall + DAY_MS - 1) / DAY_MS);
}

/* A line above the photos of each day; those without a time of their own stand where they were added. */
static void print_day(struct listing *l, const struct photo *photo)
{
	static const char *const weekdays[] = {
		"Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"};
	int64_t day = day_of(photo->sort);
	char text[TIME_TEXT_LEN];

	if (l->started && day == l->day && photo->has_taken == l->dated)
		return;
	time_format_wall(day * DAY_MS, text);
	text[strcspn(text, "T")] = '\0';
	if (l->started)
		print_line(l->ctx, "%s", "");
	print_part(l->ctx, PRINT_BOLD, "%s %s", weekdays[((day % 7) + 7) % 7], text);
	if (!photo->has_taken)
		print_part(l->ctx, PRINT_DIM, "  (when added; no time is known)");
	print_line(l->ctx, "%s", "");
	l->started = true;
	l->day = day;
	l->dated = photo->has_taken;
}

static void print_marks(struct cmd_ctx *ctx, const struct photo *photo)
{
	char comments[PRINT_SHORT_LEN];

	if (strcmp(photo->kind, "image") != 0)
		print_part(ctx, PRINT_DIM, "  %s", photo->kind);
	if (photo->likes)
		print_part(ctx, PRINT_RED, "  ♥ %lld", (long long)photo->likes);
	if (photo->comments) {
		print_format_count((uint64_t)photo->comments, "comment", comments);
		print_part(ctx, PRINT_BLUE, "  %s", comments);
	}
	vec_foreach (&photo->tags, char *, tag)
		print_part(ctx, PRINT_DIM, "  #%s", *tag);
}

static void print_photo(struct listing *l, const struct photo *photo)
{
	struct cmd_ctx *ctx = l->ctx;
	char hex[SHA256_HEX_LEN + 1], time[TIME_TEXT_LEN] = "", size[PRINT_SHORT_LEN] = "";
	size_t line;

	print_day(l, photo);
	sha256_format(&photo->id, hex);
	if (photo->has_taken) {
		time_format_wall(photo->wall, time);
		memmove(time, time + strlen("2024-05-01T"), strlen("12:34"));
		time[strlen("12:34")] = '\0';
	}
	if (photo->width && photo->height)
		snprintf(size, sizeof(size), "%lld×%lld", (long long)photo->width,
			(long long)photo->height);
	print_part(ctx, PRINT_DIM, "  %5s  ", time);
	print_part(ctx, PRINT_YELLOW, "%.*s  ", PHOTOS_DIGITS, hex);
	/* The sign takes two bytes and one column. */
	print_part(ctx, PRINT_DIM, "%*s  ", *size ? 12 : 11, size);
	print_part(ctx, PRINT_PLAIN, "%s", photo->name ? photo->name : "");
	if (photo->caption) {
		line = strcspn(photo->caption, "\n");
		print_part(ctx, PRINT_PLAIN, "  %.*s%s", (int)line, photo->caption,
			photo->caption[line] ? "…" : "");
	}
	print_marks(ctx, photo);
	print_line(ctx, "%s", "");
}

/* --- the command ------------------------------------------------------------------------ */

static int print_page(struct listing *l, const struct vec *page, struct err *err)
{
	vec_foreach (page, const struct photo, photo) {
		l->shown++;
		if (!l->ctx->json) {
			print_photo(l, photo);
			continue;
		}
		json_t *line = photos_json(l->ctx, photo, err);

		if (!line || print_json_line(l->ctx, line, err))
			return -1;
	}
	return 0;
}

static int list_all(struct listing *l, const struct album_ref *album,
	const struct photo_filter *filter, int64_t limit, struct err *err)
{
	_cleanup_photo_page_ struct vec page = PHOTO_PAGE_INIT;
	struct photo_cursor cursor = {.given = false};
	bool more = true;

	while (more && l->shown < limit) {
		int64_t left = limit - l->shown;
		size_t count = left < PAGE_SIZE ? (size_t)left : PAGE_SIZE;

		if (photo_page(l->ctx->store, album, filter, count, &cursor, &page, &more, err) ||
			print_page(l, &page, err))
			return -1;
	}
	return 0;
}

static int run_list(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct list_args *a = args;
	struct listing listing = {.ctx = ctx};
	struct photo_filter filter = {.has = 0};
	struct album_ref album;
	struct uuid by;

	(void)argc;
	if (resolve_album(ctx->store, argv[0], &album, err) ||
		build_filter(ctx, a, &album, &by, &filter, err))
		return -1;
	if (!ctx->json && pager_start(ctx, err))
		return -1;
	if (list_all(&listing, &album, &filter, a->limit, err))
		return -1;
	if (!listing.shown && !ctx->json)
		print_note(ctx, "no photos");
	return 0;
}

const struct command command_list = {
	.name = "list",
	.summary = "list the photos of an album",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "ALBUM",
	.args_size = sizeof(struct list_args),
	.args_defaults = &list_defaults,
	.opts = list_opts,
	.run = run_list,
};
