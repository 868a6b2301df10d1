/* contact.c - pinhole contact: the address book.
 *
 * Who is the same person is lib/store's question, what a file says is lib/import's.  Invariant:
 * every card of every file is told as exactly one of added, merged, unchanged, refused.
 */
#include "print.h"
#include "base/time.h"
#include "import/contacts.h"
#include "phone/phone.h"
#include "store/contact.h"
#include "store/store.h"

#include <string.h>

struct contact_args {
	const char *region, *org;
	struct vec phones, emails; /* of const char * */
};

#define OPT_REGION                                                                                 \
	OPT_STR(0, "region", struct contact_args, region, "CC",                                    \
		"the country of numbers without a country code (default: user.region)")

static const struct opt region_opts[] = {
	OPT_REGION,
	OPT_END,
};

static const struct opt add_opts[] = {
	OPT_LIST('p', "phone", struct contact_args, phones, "NUMBER", "a number; may be repeated"),
	OPT_LIST('e', "email", struct contact_args, emails, "ADDRESS",
		"an e-mail address; may be repeated"),
	OPT_STR(0, "org", struct contact_args, org, "NAME", "the organisation"),
	OPT_REGION,
	OPT_END,
};

/* The region of numbers that do not say theirs; NULL on failure, "" if none is known. */
static const char *find_region(
	struct cmd_ctx *ctx, const struct contact_args *args, struct err *err)
{
	const struct config *config;
	const char *region;
	bool valid;

	if (args && args->region) {
		if (phone_region_is_valid(args->region, &valid, err))
			return NULL;
		if (valid)
			return args->region;
		err_set(err, ERR_USAGE, "option --region: \"%s\" is not a region such as FR or US",
			args->region);
		return NULL;
	}
	config = cmd_config(ctx, err);
	if (!config)
		return NULL;
	region = config_text(config, "user.region");
	return *region ? region : ctx->store->region;
}

/* --- showing ------------------------------------------------------------------------------- */

static json_t *texts_to_json(const struct vec *texts)
{
	json_t *array = json_array();

	vec_foreach (texts, char *, text)
		json_array_append_new(array, json_string(*text));
	return array;
}

/* The shape that other programs rely on: the numbers that can be dialled from anywhere. */
static json_t *contact_to_json(const struct contact *contact)
{
	json_t *line = json_object(), *phones = json_array();

	vec_foreach (&contact->phones, struct contact_phone, phone)
		if (phone->e164)
			json_array_append_new(phones, json_string(phone->e164));
	wire_set_uuid(&line, "id", &contact->id);
	wire_set_text(&line, "name", contact->name);
	wire_set_json(&line, "phones", phones);
	wire_set_json(&line, "emails", texts_to_json(&contact->emails));
	return line;
}

/* All that is known: numbers as they were written too, and the trail of merging. */
static json_t *details_to_json(const struct contact *contact)
{
	json_t *line = contact_to_json(contact), *numbers = json_array(), *merged = json_array();

	vec_foreach (&contact->phones, struct contact_phone, phone) {
		json_t *number = json_object();

		wire_set_text(&number, "raw", phone->raw);
		if (phone->e164)
			wire_set_text(&number, "e164", phone->e164);
		else
			wire_set_null(&number, "e164");
		wire_set_text(&number, "label", phone->label);
		json_array_append_new(numbers, number);
	}
	vec_foreach (&contact->merged, struct contact_merge, merge) {
		json_t *part = json_object();

		wire_set_uuid(&part, "id", &merge->id);
		wire_set_text(&part, "name", merge->name);
		wire_set_int(&part, "at", merge->at);
		json_array_append_new(merged, part);
	}
	wire_set_json(&line, "numbers", numbers);
	wire_set_text(&line, "org", contact->org);
	wire_set_text(&line, "note", contact->note);
	wire_set_json(&line, "names", texts_to_json(&contact->names));
	wire_set_json(&line, "merged", merged);
	wire_set_int(&line, "created", contact->created);
	wire_set_int(&line, "changed", contact->changed);
	return line;
}

static void show_field(struct cmd_ctx *ctx, const char *name, const char *value)
{
	int pad = 14 - (int)text_columns(name, strlen(name));

	print_part(ctx, PRINT_DIM, "  %s", name);
	print_line(ctx, "%*s%s", pad > 1 ? pad : 1, "", value);
}

static void show_phone(struct cmd_ctx *ctx, const struct contact_phone *phone)
{
	_cleanup_str_ struct str text = STR_INIT(4096);

	/* without the library the number itself is good enough */
	if (!phone->e164 || phone_format(phone->e164, PHONE_INTERNATIONAL, &text, NULL)) {
		str_clear(&text);
		str_addz(&text, phone->e164 ? phone->e164 : phone->raw);
	}
	if (!phone->e164)
		str_addz(&text, " (as written)");
	show_field(ctx, phone->label[0] ? phone->label : "phone", text.data);
}

static void show_contact(struct cmd_ctx *ctx, const struct contact *contact)
{
	char id[UUID_SHORT_LEN + 1], time[PRINT_SHORT_LEN];

	uuid_format_short(&contact->id, id);
	print_part(ctx, PRINT_BOLD, "%s", contact->name);
	print_part(ctx, PRINT_DIM, "  %s", id);
	print_line(ctx, "%s", "");
	vec_foreach (&contact->names, char *, name)
		show_field(ctx, "also", *name);
	if (contact->org[0])
		show_field(ctx, "organisation", contact->org);
	vec_foreach (&contact->phones, struct contact_phone, phone)
		show_phone(ctx, phone);
	vec_foreach (&contact->emails, char *, email)
		show_field(ctx, "e-mail", *email);
	vec_foreach (&contact->merged, struct contact_merge, merge) {
		uuid_format_short(&merge->id, id);
		print_format_time(merge->at, time);
		print_part(ctx, PRINT_DIM, "  %s", "merged");
		print_line(ctx, "%8s%s (%s), %s", "", merge->name, id, time);
	}
	if (contact->note[0])
		print_text(ctx, 2, contact->note, strlen(contact->note));
}

/* --- list and show ------------------------------------------------------------------------- */

struct listing {
	struct cmd_ctx *ctx;
	struct print_table table;
};

static int list_json(void *data, const struct contact *contact, struct err *err)
{
	struct listing *listing = data;

	return print_json_line(listing->ctx, contact_to_json(contact), err);
}

static int list_row(void *data, const struct contact *contact, struct err *err)
{
	struct listing *listing = data;
	_cleanup_str_ struct str phones = STR_INIT(STR_MAX_FILE);
	_cleanup_str_ struct str emails = STR_INIT(STR_MAX_FILE);
	char id[UUID_SHORT_LEN + 1];

	uuid_format_short(&contact->id, id);
	vec_foreach (&contact->phones, struct contact_phone, phone)
		str_addf(&phones, "%s%s", phones.len ? ", " : "",
			phone->e164 ? phone->e164 : phone->raw);
	vec_foreach (&contact->emails, char *, email)
		str_addf(&emails, "%s%s", emails.len ? ", " : "", *email);
	if (str_check(&phones, err) || str_check(&emails, err))
		return -1;
	print_cell(&listing->table, "%s", id);
	print_cell(&listing->table, "%s", contact->name);
	print_cell(&listing->table, "%s", phones.data);
	print_cell(&listing->table, "%s", emails.data);
	return 0;
}

static int run_list(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	struct listing listing = {.ctx = ctx};
	int rc;

	(void)argc;
	(void)argv;
	(void)args;
	if (ctx->json)
		return contact_list(ctx->store->db, list_json, &listing, err);
	print_table_start(&listing.table, ctx);
	print_table_column(&listing.table, "ID", PRINT_LEFT);
	print_table_column(&listing.table, "NAME", PRINT_SHRINK);
	print_table_column(&listing.table, "PHONES", PRINT_SHRINK);
	print_table_column(&listing.table, "E-MAIL", PRINT_SHRINK);
	rc = contact_list(ctx->store->db, list_row, &listing, err);
	return print_table_end(&listing.table, rc ? NULL : err) || rc ? -1 : 0;
}

static int run_show(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	const char *region = find_region(ctx, args, err);

	(void)argc;
	if (!region || contact_find(ctx->store->db, argv[0], region, &contact, err))
		return -1;
	if (ctx->json)
		return print_json_line(ctx, details_to_json(&contact), err);
	show_contact(ctx, &contact);
	return 0;
}

/* --- add and merge ------------------------------------------------------------------------- */

/* A number that is kept but cannot be matched with anybody's is worth a word. */
static int warn_numbers(
	struct cmd_ctx *ctx, const struct vec *phones, const char *region, struct err *err)
{
	vec_foreach (phones, const char *, text) {
		struct phone phone;

		if (phone_normalize(*text, region, &phone, err))
			return -1;
		if (phone.outcome == PHONE_MISSING_REGION)
			print_warning(ctx,
				"%s %s; kept as written (--region CC, or `pinhole config set "
				"user.region CC`)",
				*text, phone_outcome_reason(phone.outcome));
		else if (phone.outcome != PHONE_E164)
			print_warning(ctx, "%s %s; kept as written", *text,
				phone_outcome_reason(phone.outcome));
	}
	return 0;
}

static int run_add(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct contact_args *a = args;
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	_cleanup_free_ struct contact_number *numbers = NULL;
	const char *region = find_region(ctx, a, err);
	char id[UUID_SHORT_LEN + 1];
	struct contact_card card = {.name = argv[0],
		.org = a->org,
		.number_count = a->phones.count,
		.emails = a->emails.items,
		.email_count = a->emails.count};
	struct uuid made;

	(void)argc;
	numbers = mem_calloc(a->phones.count + 1, sizeof(*numbers));
	if (!region || !numbers)
		return region ? err_no_memory(err) : -1;
	for (size_t i = 0; i < a->phones.count; i++)
		numbers[i].raw = *(const char **)vec_at(&a->phones, i);
	card.numbers = numbers;
	if (ctx->dry_run) {
		if (contact_check(ctx->store->db, &card, region, err) ||
			warn_numbers(ctx, &a->phones, region, err))
			return -1;
		print_note(ctx, "would add %s", argv[0]);
		return 0;
	}
	if (contact_add(ctx->store->db, ctx->clock, &card, region, &made, err) ||
		warn_numbers(ctx, &a->phones, region, err) ||
		contact_load(ctx->store->db, &made, &contact, err))
		return -1;
	if (ctx->json)
		return print_json_line(ctx, contact_to_json(&contact), err);
	uuid_format_short(&made, id);
	print_line(ctx, "%s  %s", id, contact.name);
	return 0;
}

static int run_merge(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_contact_ struct contact keep = CONTACT_INIT;
	_cleanup_contact_ struct contact other = CONTACT_INIT;
	const char *region = find_region(ctx, args, err);

	(void)argc;
	if (!region || contact_find(ctx->store->db, argv[0], region, &keep, err) ||
		contact_find(ctx->store->db, argv[1], region, &other, err))
		return -1;
	if (uuid_equal(&keep.id, &other.id))
		return err_set(err, ERR_INVALID, "\"%s\" and \"%s\" are the same contact", argv[0],
			argv[1]);
	if (ctx->dry_run) {
		print_note(ctx, "would make %s a part of %s", other.name, keep.name);
		return 0;
	}
	if (contact_merge(ctx->store->db, ctx->clock, &keep.id, &other.id, err) ||
		contact_load(ctx->store->db, &keep.id, &keep, err))
		return -1;
	if (ctx->json)
		return print_json_line(ctx, details_to_json(&keep), err);
	show_contact(ctx, &keep);
	return 0;
}

/* --- import -------------------------------------------------------------------------------- */

struct importing {
	struct cmd_ctx *ctx;
	const char *path;
	size_t counts[CONTACT_REFUSED + 1], failed, missing_region;
};

/* JSON is UTF-8, paths are bytes. */
static void set_path(json_t **line, const char *path)
{
	_cleanup_str_ struct str visible = STR_INIT(STR_MAX_LINE);

	if (!text_is_utf8(path, strlen(path)))
		str_add_visible(&visible, path, strlen(path));
	wire_set_text(line, "path", visible.len ? visible.data : path);
}

static int tell_json(
	struct importing *importing, const struct contact_result *result, struct err *err)
{
	json_t *line = json_object();

	set_path(&line, importing->path);
	wire_set_int(&line, "line", (int64_t)result->line);
	wire_set_text(&line, "status", contact_status_name(result->status));
	if (!uuid_is_nil(&result->id))
		wire_set_uuid(&line, "id", &result->id);
	wire_set_text(&line, "name", result->name);
	if (result->reason[0])
		wire_set_text(&line, "reason", result->reason);
	return print_json_line(importing->ctx, line, err);
}

static int tell(void *data, const struct contact_result *result, struct err *err)
{
	struct importing *importing = data;
	struct cmd_ctx *ctx = importing->ctx;

	importing->counts[result->status]++;
	if (ctx->json)
		return tell_json(importing, result, err);
	if (result->status == CONTACT_REFUSED)
		print_warning(ctx, "%s:%zu: \"%s\" refused: %s", importing->path, result->line,
			result->name, result->reason);
	else if (result->reason[0])
		print_note(ctx, "%s:%zu: %s %s: %s", importing->path, result->line,
			contact_status_name(result->status), result->name, result->reason);
	else
		print_detail(ctx, "%s:%zu: %s %s", importing->path, result->line,
			contact_status_name(result->status), result->name);
	return 0;
}

static int import_file(
	struct importing *importing, const char *path, const char *region, struct err *err)
{
	struct cmd_ctx *ctx = importing->ctx;
	struct contact_importer importer;
	int rc;

	importing->path = path;
	if (contact_import_start(&importer, ctx->store->db, ctx->clock, region, ctx->dry_run, tell,
		    importing, err))
		return -1;
	rc = contacts_import_file(
		&importer, strcmp(path, "-") ? path : "/dev/stdin", cmd_interrupted, err);
	importing->missing_region += importer.missing_region;
	return contact_import_end(&importer, rc, err);
}

/* One bad file among several does not stop the others. */
static int import_next(
	struct importing *importing, const char *path, const char *region, struct err *err)
{
	struct err why = ERR_INIT;
	json_t *line;

	if (import_file(importing, path, region, &why) == 0)
		return 0;
	if (why.kind != ERR_INVALID && why.kind != ERR_NOT_FOUND && why.kind != ERR_DENIED &&
		why.kind != ERR_TOO_LARGE) {
		*err = why;
		return -1;
	}
	importing->failed++;
	if (!importing->ctx->json) {
		print_warning(importing->ctx, "%s", why.message);
		return 0;
	}
	line = json_object();
	set_path(&line, path);
	wire_set_text(&line, "status", "failed");
	wire_set_text(&line, "reason", why.message);
	return print_json_line(importing->ctx, line, err);
}

static int sum_up(const struct importing *importing, struct err *err)
{
	struct cmd_ctx *ctx = importing->ctx;
	const size_t *counts = importing->counts;
	char count[PRINT_SHORT_LEN];
	json_t *line;

	if (importing->missing_region) {
		print_format_count(importing->missing_region, "number", count);
		print_note(ctx,
			"%s without a country code, kept as written; with --region CC (or `pinhole "
			"config set user.region CC`) and a second import they are understood",
			count);
	}
	if (!ctx->json) {
		print_line(ctx, "%s%zu added, %zu merged, %zu unchanged, %zu refused",
			ctx->dry_run ? "would be: " : "", counts[CONTACT_ADDED],
			counts[CONTACT_MERGED], counts[CONTACT_UNCHANGED], counts[CONTACT_REFUSED]);
		return 0;
	}
	line = json_object();
	for (int i = CONTACT_ADDED; i <= CONTACT_REFUSED; i++)
		wire_set_int(
			&line, contact_status_name((enum contact_status)i), (int64_t)counts[i]);
	wire_set_int(&line, "failed", (int64_t)importing->failed);
	return print_json_line(ctx, line, err);
}

static int run_import(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	struct importing importing = {.ctx = ctx};
	char count[PRINT_SHORT_LEN];
	const char *region = find_region(ctx, args, err);

	if (!region)
		return -1;
	cmd_catch_interrupts();
	if (argc == 1) {
		if (import_file(&importing, argv[0], region, err))
			return -1;
	} else {
		for (int i = 0; i < argc; i++)
			if (import_next(&importing, argv[i], region, err))
				return -1;
	}
	if (sum_up(&importing, err))
		return -1;
	if (importing.failed)
		return err_set(err, ERR_PARTIAL, "%zu of %d files could not be read",
			importing.failed, argc);
	if (importing.counts[CONTACT_REFUSED] == 0)
		return 0;
	print_format_count(importing.counts[CONTACT_REFUSED], "card", count);
	return err_set(err, ERR_PARTIAL, "%s refused", count);
}

/* --- the command --------------------------------------------------------------------------- */

static const struct command subcommands[] = {
	{
		.name = "add",
		.summary = "add a person",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "NAME",
		.args_size = sizeof(struct contact_args),
		.opts = add_opts,
		.run = run_add,
	},
	{
		.name = "import",
		.summary = "take the people of address book files (vCard) over",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "FILE...",
		.args_size = sizeof(struct contact_args),
		.opts = region_opts,
		.run = run_import,
	},
	{
		.name = "list",
		.summary = "list all contacts",
		.needs = CMD_STORE_READ,
		.shared = CMD_JSON,
		.words = "",
		.run = run_list,
	},
	{
		.name = "merge",
		.summary = "make the second contact a part of the first",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON | CMD_DRY_RUN,
		.words = "WHO WHO",
		.args_size = sizeof(struct contact_args),
		.opts = region_opts,
		.run = run_merge,
	},
	{
		.name = "show",
		.summary = "show all that is known about one contact",
		.needs = CMD_STORE_READ,
		.shared = CMD_JSON,
		.words = "WHO",
		.args_size = sizeof(struct contact_args),
		.opts = region_opts,
		.run = run_show,
	},
	CMD_END,
};

const struct command command_contact = {
	.name = "contact",
	.summary = "keep an address book",
	.group = CMD_GROUP_MOVE,
	.subcommands = subcommands,
};
