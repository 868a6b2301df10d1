/* erase.c - pinhole erase: photos and messages, at once and for good.
 *
 * All names are looked up and the person is asked before anything goes.
 */
#include "photos.h"
#include "talk.h"

#include <string.h>

struct erase_args {
	const char *album;
};

static const struct opt erase_opts[] = {
	OPT_STR('a', "album", struct erase_args, album, "ALBUM", "the album they are in"),
	OPT_END,
};

struct target {
	enum resolved which;
	struct photo_ref photo;
	struct message_ref message;
	char name[TALK_NAME_MAX + 16]; /* "photo beach:3fa2b1c9" */
};

/* --- what is meant ---------------------------------------------------------------------- */

/* With an album the text is looked up in it: a photo first, then a message. */
static int find_within(struct cmd_ctx *ctx, const char *text, const char *album, struct target *out,
	struct err *err)
{
	struct album_ref within;

	if (resolve_album(ctx->store, album, &within, err))
		return -1;
	out->which = RESOLVED_PHOTO;
	if (!strchr(text, '@')) {
		if (resolve_photo(ctx->store, text, &within, RESOLVE_ANY, &out->photo, err) == 0)
			return 0;
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_clear(err);
	}
	out->which = RESOLVED_MESSAGE;
	if (resolve_message(ctx->store, text, &within, RESOLVE_ANY, &out->message, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	return err_set(err, ERR_NOT_FOUND, "there is no photo or message '%s' in that album", text);
}

static int find_target(struct cmd_ctx *ctx, const char *text, const char *album, struct target *out,
	struct err *err)
{
	char name[PHOTOS_NAME_MAX > TALK_NAME_MAX ? PHOTOS_NAME_MAX : TALK_NAME_MAX];
	bool is_photo;

	if (album ? find_within(ctx, text, album, out, err) :
		    resolve_photo_or_message(ctx->store, text, RESOLVE_ANY, &out->which,
			    &out->photo, &out->message, err))
		return -1;
	is_photo = out->which == RESOLVED_PHOTO;
	if (is_photo && out->photo.state == PHOTO_ERASED)
		return err_set(err, ERR_NOT_FOUND, "photo '%s' was erased already", text);
	if (is_photo ? photos_name(ctx, &out->photo.album, &out->photo.id, name, err) :
		       talk_name_ref(ctx, &out->message, name, err))
		return -1;
	snprintf(out->name, sizeof(out->name), "%s %s", is_photo ? "photo" : "message", name);
	return 0;
}

static int confirm(struct cmd_ctx *ctx, const struct vec *targets, struct err *err)
{
	_cleanup_str_ struct str question = STR_INIT(1024);
	const struct target *first = vec_at(targets, 0);

	if (targets->count == 1)
		str_addf(&question, "Erase %s for good?", first->name);
	else
		str_addf(&question, "Erase %s and %zu more for good?", first->name,
			targets->count - 1);
	return str_check(&question, err) ? -1 : print_confirm(ctx, question.data, err);
}

/* --- doing it --------------------------------------------------------------------------- */

static int report(struct cmd_ctx *ctx, const struct target *t, const struct photo_erased *erased,
	struct err *err)
{
	bool is_photo = t->which == RESOLVED_PHOTO;
	const struct album_ref *album = is_photo ? &t->photo.album : &t->message.album;
	json_t *line;

	if (!ctx->json) {
		print_line(ctx, "%s %s", ctx->dry_run ? "would erase" : "erased", t->name);
		if (erased && erased->kept)
			print_note(ctx, "another album shows the same bytes: they stay there");
		return 0;
	}
	line = json_object();
	wire_set_text(&line, "status", ctx->dry_run ? "would-erase" : "erased");
	if (is_photo)
		wire_set_hex(&line, "photo", t->photo.id.bytes, SHA256_LEN);
	else
		wire_set_uuid(&line, "message", &t->message.id);
	wire_set_uuid(&line, "album", &album->id);
	if (erased) {
		wire_set_int(&line, "bytes", (int64_t)erased->bytes);
		wire_set_bool(&line, "kept", erased->kept);
	}
	return print_json_line(ctx, line, err);
}

/* What one kind of target needs to be erased together: purging the full text is dear. */
struct batch {
	struct vec photos;   /* struct photo_ref */
	struct vec erased;   /* struct photo_erased, one for each */
	struct vec messages; /* struct message_ref */
	struct vec receipts; /* struct receipt, one for each */
};

static void batch_release(struct batch *batch)
{
	vec_release(&batch->photos);
	vec_release(&batch->erased);
	vec_release(&batch->messages);
	vec_release(&batch->receipts);
}

static int fill_batch(struct batch *batch, const struct vec *targets, struct err *err)
{
	vec_foreach (targets, const struct target, t) {
		bool is_photo = t->which == RESOLVED_PHOTO;
		void *ref = vec_push_or(is_photo ? &batch->photos : &batch->messages, err);

		if (!ref || !vec_push_or(is_photo ? &batch->erased : &batch->receipts, err))
			return -1;
		if (is_photo)
			*(struct photo_ref *)ref = t->photo;
		else
			*(struct message_ref *)ref = t->message;
	}
	return 0;
}

static int erase_all(struct cmd_ctx *ctx, const struct vec *targets, struct err *err)
{
	_cleanup_(batch_release) struct batch batch = {
		.photos = VEC_INIT(struct photo_ref, OPT_LIST_MAX),
		.erased = VEC_INIT(struct photo_erased, OPT_LIST_MAX),
		.messages = VEC_INIT(struct message_ref, MESSAGE_UNSEND_MAX),
		.receipts = VEC_INIT(struct receipt, MESSAGE_UNSEND_MAX),
	};
	size_t photo = 0;

	if (fill_batch(&batch, targets, err))
		return -1;
	if (batch.photos.count &&
		photo_erase(ctx->store, batch.photos.items, batch.photos.count, batch.erased.items,
			err))
		return -1;
	if (batch.messages.count &&
		message_unsend(ctx->store, batch.messages.items, batch.messages.count,
			batch.receipts.items, err))
		return -1;
	vec_foreach (targets, const struct target, t) {
		bool is_photo = t->which == RESOLVED_PHOTO;

		if (report(ctx, t, is_photo ? vec_at(&batch.erased, photo++) : NULL, err))
			return -1;
	}
	return 0;
}

static int run_erase(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct erase_args *a = args;
	_cleanup_vec_ struct vec targets = VEC_INIT(struct target, OPT_LIST_MAX);

	for (int i = 0; i < argc; i++) {
		struct target *target = vec_push_or(&targets, err);

		if (!target || find_target(ctx, argv[i], a->album, target, err))
			return -1;
	}
	if (!ctx->dry_run)
		return confirm(ctx, &targets, err) || erase_all(ctx, &targets, err) ? -1 : 0;
	vec_foreach (&targets, const struct target, target)
		if (report(ctx, target, NULL, err))
			return -1;
	return 0;
}

const struct command command_erase = {
	.name = "erase",
	.summary = "erase photos or messages for good",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN | CMD_YES,
	.words = "PHOTO|MESSAGE...",
	.args_size = sizeof(struct erase_args),
	.opts = erase_opts,
	.run = run_erase,
};
