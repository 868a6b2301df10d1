/* like.c - pinhole like and pinhole unlike: photos and messages. */
#include "talk.h"
#include "store/reaction.h"

#include <string.h>

struct like_args {
	const char *album;
};

static const struct opt like_opts[] = {
	OPT_STR('a', "album", struct like_args, album, "ALBUM", "the album they are in"),
	OPT_END,
};

struct target {
	struct album_ref album;
	struct entity about;
	char name[TALK_NAME_MAX]; /* as people see it */
	bool is_photo;
};

static void fill_photo(const struct photo_ref *photo, struct target *out)
{
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(&photo->id, hex);
	*out = (struct target){
		.album = photo->album, .about = entity_from_hash(&photo->id), .is_photo = true};
	snprintf(out->name, sizeof(out->name), "photo %.*s", TALK_PHOTO_DIGITS, hex);
}

static int fill_message(
	struct cmd_ctx *ctx, const struct message_ref *message, struct target *out, struct err *err)
{
	int64_t seq =
		event_state_of(message->key) == EVENT_CONFIRMED ? event_place(message->key) : 0;

	*out = (struct target){.album = message->album, .about = entity_from_uuid(&message->id)};
	return talk_name(ctx, message->album.key, seq, &message->id, out->name, err);
}

/* With an album the text is looked up in it: a photo first, then a message. */
static int find_within(struct cmd_ctx *ctx, const char *text, const struct album_ref *album,
	struct target *out, struct err *err)
{
	struct message_ref message;
	struct photo_ref photo;

	if (!strchr(text, '@')) {
		if (resolve_photo(ctx->store, text, album, RESOLVE_SHOWN, &photo, err) == 0) {
			fill_photo(&photo, out);
			return 0;
		}
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_clear(err);
	}
	if (resolve_message(ctx->store, text, album, RESOLVE_SHOWN, &message, err) == 0)
		return fill_message(ctx, &message, out, err);
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	return err_set(err, ERR_NOT_FOUND, "there is no photo or message '%s' in that album", text);
}

static int find_target(struct cmd_ctx *ctx, const char *text, const struct album_ref *album,
	struct target *out, struct err *err)
{
	struct message_ref message;
	struct photo_ref photo;
	enum resolved which;

	if (album)
		return find_within(ctx, text, album, out, err);
	if (resolve_photo_or_message(
		    ctx->store, text, RESOLVE_SHOWN, &which, &photo, &message, err))
		return -1;
	if (which == RESOLVED_MESSAGE)
		return fill_message(ctx, &message, out, err);
	fill_photo(&photo, out);
	return 0;
}

static const char *status_of(const struct cmd_ctx *ctx, bool like, int changed)
{
	if (!changed)
		return "unchanged";
	if (ctx->dry_run)
		return like ? "would-like" : "would-unlike";
	return like ? "liked" : "unliked";
}

static int report_json(
	struct cmd_ctx *ctx, const struct target *t, const char *status, struct err *err)
{
	int64_t likes = 0;
	json_t *line;
	struct uuid id;

	if (like_count(ctx->store, t->album.key, &t->about, &likes, err))
		return -1;
	line = json_object();
	wire_set_text(&line, "status", status);
	if (t->is_photo)
		wire_set_hex(&line, "photo", t->about.bytes, SHA256_LEN);
	else {
		memcpy(id.bytes, t->about.bytes, sizeof(id.bytes));
		wire_set_uuid(&line, "message", &id);
	}
	wire_set_uuid(&line, "album", &t->album.id);
	wire_set_int(&line, "likes", likes);
	return print_json_line(ctx, line, err);
}

/* `changed`: 1 it is now so, 0 it was so before. */
static int report(
	struct cmd_ctx *ctx, const struct target *t, bool like, int changed, struct err *err)
{
	if (ctx->json)
		return report_json(ctx, t, status_of(ctx, like, changed), err);
	if (!changed)
		print_note(ctx, "%s was %s already", t->name, like ? "liked" : "not liked");
	else if (ctx->dry_run)
		print_line(ctx, "would %s %s", like ? "like" : "unlike", t->name);
	return 0;
}

static int set_one(struct cmd_ctx *ctx, const struct target *t, bool like, struct err *err)
{
	int changed;

	if (ctx->dry_run) {
		changed = like_is_set(ctx->store, t->album.key, &t->about, err);
		changed = changed < 0 ? -1 : changed != like;
	} else
		changed = like_set(ctx->store, t->album.key, &t->about, like, err);
	return changed < 0 ? -1 : report(ctx, t, like, changed, err);
}

/* All names are looked up before anything is changed. */
static int set_all(struct cmd_ctx *ctx, int argc, char **argv, const struct like_args *a, bool like,
	struct err *err)
{
	_cleanup_vec_ struct vec targets = VEC_INIT(struct target, OPT_LIST_MAX);
	struct album_ref album;

	if (a->album && resolve_album(ctx->store, a->album, &album, err))
		return -1;
	for (int i = 0; i < argc; i++) {
		struct target *target = vec_push_or(&targets, err);

		if (!target || find_target(ctx, argv[i], a->album ? &album : NULL, target, err))
			return -1;
	}
	vec_foreach (&targets, const struct target, target)
		if (set_one(ctx, target, like, err))
			return -1;
	return 0;
}

static int run_like(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	return set_all(ctx, argc, argv, args, true, err);
}

static int run_unlike(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	return set_all(ctx, argc, argv, args, false, err);
}

const struct command command_like = {
	.name = "like",
	.summary = "like photos or messages",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "PHOTO|MESSAGE...",
	.args_size = sizeof(struct like_args),
	.opts = like_opts,
	.run = run_like,
};

const struct command command_unlike = {
	.name = "unlike",
	.summary = "like photos or messages no longer",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "PHOTO|MESSAGE...",
	.args_size = sizeof(struct like_args),
	.opts = like_opts,
	.run = run_unlike,
};
