/* expected.c - the facts of real files against what exiftool and libvips say (expected.csv), and the
 * rendered variants against the upright picture (luma8x8.csv).
 *
 * Reads the shared test data through a pool, as ingest does.  Rules where the table holds something
 * that we do not believe, or that another source overrules, are in check_*.
 */
#include "media/media.h"
#include "media/protocol.h"
#include "media_date.h"
#include "tap.h"

#include "base/path.h"
#include "base/time.h"
#include "wire/json.h"

#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vips/vips.h>

#define COLUMNS_MAX 48

/* --- CSV (RFC 4180), in place ------------------------------------------------------------- */

struct table {
	struct str text;
	char *next;
	size_t columns;
	const char *names[COLUMNS_MAX], *fields[COLUMNS_MAX];
};

static char *take_field(char **p, bool *last)
{
	char *start = *p, *out = start, *in = start;
	bool quoted = *in == '"';

	if (quoted)
		in++;
	for (; *in; in++) {
		if (quoted && in[0] == '"' && in[1] == '"')
			in++;
		else if (quoted && *in == '"') {
			quoted = false;
			continue;
		} else if (!quoted && (*in == ',' || *in == '\n'))
			break;
		*out++ = *in;
	}
	*last = *in != ',';
	*p = *in ? in + 1 : in;
	if (out > start && out[-1] == '\r')
		out--;
	*out = '\0';
	return start;
}

static bool next_row(struct table *table, const char **fields)
{
	bool last = false;
	size_t n = 0;

	if (!*table->next)
		return false;
	while (!last) {
		const char *field = take_field(&table->next, &last);

		if (n < COLUMNS_MAX)
			fields[n++] = field;
	}
	for (; n < COLUMNS_MAX; n++)
		fields[n] = "";
	return true;
}

static const char *field(const struct table *table, const char *name)
{
	for (size_t i = 0; i < COLUMNS_MAX && table->names[i]; i++)
		if (strcmp(table->names[i], name) == 0)
			return table->fields[i];
	return "";
}

static int open_table(struct table *table, const char *path)
{
	struct err err = ERR_INIT;

	memset(table, 0, sizeof(*table));
	if (path_read_file(path, 4 << 20, &table->text, &err))
		return -1;
	table->next = table->text.data;
	return next_row(table, table->names) ? 0 : -1;
}

/* --- asking ------------------------------------------------------------------------------- */

struct answer {
	struct media_result result;
	json_t *facts;
	int thumb_fd, preview_fd;
};

static void answer_release(struct answer *answer)
{
	media_result_release(&answer->result);
	json_decref(answer->facts);
	close(answer->thumb_fd);
	close(answer->preview_fd);
}

static int ask(struct media_pool *pool, const char *path, const char *sidecar, struct answer *out)
{
	struct err err = ERR_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct media_request request = {
		.fd = fd, .sidecar_fd = -1, .name = path, .facts = true, .variant_count = 2};
	int rc;

	memset(out, 0, sizeof(*out));
	out->thumb_fd = memfd_create("thumb", MFD_CLOEXEC);
	out->preview_fd = memfd_create("preview", MFD_CLOEXEC);
	request.variants[0] = (struct media_variant_spec){
		"thumb", 320, 320, MEDIA_FIT_COVER, MEDIA_JPEG, 80, out->thumb_fd};
	request.variants[1] = (struct media_variant_spec){
		"preview", 1600, 1600, MEDIA_FIT_CONTAIN, MEDIA_JPEG, 80, out->preview_fd};
	if (sidecar)
		request.sidecar_fd = open(sidecar, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 || media_submit(pool, &request, &err) ||
		media_collect(pool, true, &out->result, &err) != 1;
	if (rc)
		printf("# %s: %s\n", path, err.message);
	close(fd);
	if (sidecar)
		close(request.sidecar_fd);
	if (!rc && out->result.facts)
		out->facts = wire_parse(
			out->result.facts, strlen(out->result.facts), MEDIA_FACTS_MAX, &err);
	return rc;
}

static const char *text_of(const struct answer *answer, const char *key)
{
	const char *text = json_string_value(json_object_get(answer->facts, key));

	return text ? text : "";
}

static int64_t int_of(const struct answer *answer, const char *key, int64_t absent)
{
	const json_t *value = json_object_get(answer->facts, key);

	return value ? json_integer_value(value) : absent;
}

/* --- one fact each: true if it is as the table says ---------------------------------------- */

static bool check_int(const struct answer *a, const char *key, const char *want)
{
	return !*want || int_of(a, key, -9) == strtoll(want, NULL, 10);
}

/* The table's text trimmed; blank text is no fact. */
static bool check_text(const struct answer *a, const char *key, const char *want, bool only_source)
{
	const char *got = text_of(a, key);
	size_t n = strlen(want);

	while (n && want[n - 1] == ' ')
		n--;
	if (!n)
		return !only_source || !*got;
	return strlen(got) == n && memcmp(got, want, n) == 0;
}

static bool check_position(const struct answer *a, const char *lat, const char *lon)
{
	double y = atof(lat), x = atof(lon);
	bool believed = *lat && *lon && fabs(y) <= 90 && fabs(x) <= 180 && (y != 0 || x != 0);

	if (!believed)
		return !json_object_get(a->facts, "lat_e7") && !json_object_get(a->facts, "lon_e7");
	return llabs(int_of(a, "lat_e7", 0) - llrint(y * 1e7)) <= 1 &&
		llabs(int_of(a, "lon_e7", 0) - llrint(x * 1e7)) <= 1;
}

static bool check_altitude(const struct answer *a, const char *alt)
{
	return !*alt || !json_object_get(a->facts, "lat_e7") ||
		llabs(int_of(a, "alt_mm", INT64_MIN) - llrint(atof(alt) * 1000)) <= 1;
}

/* Which of the table's dates we should have taken, in our order of trust. */
static bool expected_date(const struct table *t, struct media_date *out, const char **source)
{
	static const struct {
		const char *column, *source;
	} order[] = {{"date_time_original", "exif:DateTimeOriginal"},
		{"create_date", "exif:DateTimeDigitized"},
		{"xmp_date_time_original", "xmp:DateTimeOriginal"},
		{"qt_creation_date", "quicktime:creationdate"},
		{"qt_create_date_utc", "quicktime:CreateDate"}, {"modify_date", "exif:DateTime"}};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *text = field(t, order[i].column);

		if (!media_date_parse(text, strlen(text), out))
			continue;
		*source = order[i].source;
		if (i == 0) {
			const char *subsec = field(t, "subsec"),
				   *offset = field(t, "offset_original");

			out->wall_ms += media_date_subsec_ms(subsec, strlen(subsec));
			media_date_parse_offset(offset, strlen(offset), &out->offset);
		}
		return true;
	}
	return false;
}

static bool check_date(const struct table *t, const struct answer *a)
{
	/* Sources that the table does not list. */
	static const char *const others[] = {
		"xmp:DateCreated", "xmp:CreateDate", "iptc:DateCreated", "xmp:ModifyDate"};
	const char *source = "", *got = text_of(a, "taken_source");
	struct media_date want;
	bool dated = expected_date(t, &want, &source);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(got, others[i]) == 0 && (!dated || strcmp(source, "exif:DateTime") == 0))
			return true;
	if (!dated)
		return !*got;
	return strcmp(got, source) == 0 && int_of(a, "taken_ms", 0) == want.wall_ms &&
		(want.offset == TIME_OFFSET_NONE || int_of(a, "offset", -9999) == want.offset);
}

static bool check_keywords(const struct answer *a, const char *want)
{
	const json_t *list = json_object_get(a->facts, "keywords"), *item;
	char joined[4096] = "";
	size_t i;

	json_array_foreach (list, i, item) {
		strncat(joined, i ? ";" : "", sizeof(joined) - strlen(joined) - 1);
		strncat(joined, json_string_value(item), sizeof(joined) - strlen(joined) - 1);
	}
	return strcmp(joined, want) == 0;
}

static bool check_duration(const struct answer *a, const char *want)
{
	return !*want || llabs(int_of(a, "duration_ms", -99) - llrint(atof(want) * 1000)) <= 5;
}

static void check_facts(const struct table *t, const struct answer *a)
{
	const char *mime = field(t, "mime");
	const struct {
		const char *what;
		bool right;
	} checks[] = {{"mime", check_text(a, "mime", mime, true)},
		{"width", check_int(a, "width", field(t, "display_width"))},
		{"height", check_int(a, "height", field(t, "display_height"))},
		{"stored width",
			strcmp(field(t, "kind"), "video") == 0 ||
				check_int(a, "stored_width", field(t, "stored_width"))},
		{"orientation",
			strcmp(field(t, "kind"), "video") == 0 ||
				check_int(a, "orientation", field(t, "orientation"))},
		{"duration", check_duration(a, field(t, "duration_s"))}, {"date", check_date(t, a)},
		{"position", check_position(a, field(t, "gps_lat"), field(t, "gps_lon"))},
		{"altitude", check_altitude(a, field(t, "gps_alt"))},
		{"make", !*field(t, "make") || check_text(a, "make", field(t, "make"), true)},
		{"model", !*field(t, "model") || check_text(a, "model", field(t, "model"), true)},
		{"icc", check_text(a, "icc", field(t, "icc"), true)},
		{"content id", check_text(a, "content_id", field(t, "content_identifier"), false)},
		{"description", check_text(a, "description", field(t, "image_description"), false)},
		{"title", check_text(a, "title", field(t, "xmp_title"), false)},
		{"keywords",
			!*field(t, "xmp_subject") || check_keywords(a, field(t, "xmp_subject"))},
		{"rating", check_int(a, "rating", field(t, "rating"))}};
	bool all = true;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		all = all && checks[i].right;
	if (ok(all, "%s: facts", field(t, "file")))
		return;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (!checks[i].right)
			printf("#   differs: %s\n", checks[i].what);
	printf("#   %s\n", a->result.facts ? a->result.facts : "no facts");
}

static void check_file(const struct table *t, struct media_pool *pool, const char *dir)
{
	const char *file = field(t, "file"), *decodes = field(t, "vips_decodes");
	bool video = strcmp(field(t, "kind"), "video") == 0;
	enum media_status want = strcmp(decodes, "no") == 0 ? MEDIA_FAILED :
		strcmp(decodes, "yes-lenient") == 0         ? MEDIA_DAMAGED :
							      MEDIA_OK;
	bool poster = access("/usr/bin/ffmpeg", X_OK) == 0;
	_cleanup_free_ char *path = path_join(dir, file);
	struct answer answer;

	if (ask(pool, path, NULL, &answer)) {
		ok(0, "%s: asked", file);
		return;
	}
	if (video && !poster)
		tap_skip("ffmpeg is not installed");
	else if (!ok(answer.result.status == want, "%s: status", file))
		printf("#   status %d: %s\n", (int)answer.result.status, answer.result.reason);
	if (want != MEDIA_FAILED)
		check_facts(t, &answer);
	if (want != MEDIA_FAILED && (!video || poster))
		ok(answer.result.variants[0].made && answer.result.variants[1].made &&
				answer.result.variants[0].width == 320 &&
				answer.result.variants[0].height == 320,
			"%s: both variants", file);
	answer_release(&answer);
}

/* A sidecar lends its facts to a picture that has none. */
static void check_sidecar(const struct table *t, struct media_pool *pool, const char *dir)
{
	_cleanup_free_ char *path = path_join(dir, "no-exif/noexif.jpg");
	_cleanup_free_ char *sidecar = path_join(dir, field(t, "file"));
	struct answer answer;

	if (!text_ends(sidecar, ".xmp"))
		return;
	if (!ask(pool, path, sidecar, &answer))
		ok(check_date(t, &answer), "%s: date from the sidecar", field(t, "file"));
	answer_release(&answer);
}

/* --- pixels -------------------------------------------------------------------------------- */

/* The variant squeezed to 8x8 gray. */
static bool read_luma(int fd, unsigned char out[64])
{
	VipsImage *image = NULL, *small = NULL, *gray = NULL;
	VipsSource *source;
	bool done = false;

	if (lseek(fd, 0, SEEK_END) <= 0)
		return false;
	lseek(fd, 0, SEEK_SET);
	source = vips_source_new_from_descriptor(fd);
	image = vips_image_new_from_source(source, "", NULL);
	if (image &&
		!vips_thumbnail_image(
			image, &small, 8, "height", 8, "size", VIPS_SIZE_FORCE, NULL) &&
		!vips_colourspace(small, &gray, VIPS_INTERPRETATION_B_W, NULL)) {
		size_t n;
		unsigned char *pixels = vips_image_write_to_memory(gray, &n);

		for (size_t i = 0; pixels && i < 64; i++)
			out[i] = pixels[i * n / 64];
		done = pixels != NULL;
		g_free(pixels);
	}
	VIPS_UNREF(gray);
	VIPS_UNREF(small);
	VIPS_UNREF(image);
	VIPS_UNREF(source);
	return done;
}

static double correlate(const unsigned char *a, const unsigned char *b)
{
	double sa = 0, sb = 0, ab = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < 64; i++) {
		sa += a[i];
		sb += b[i];
	}
	for (size_t i = 0; i < 64; i++) {
		double x = a[i] - sa / 64, y = b[i] - sb / 64;

		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 1;
}

static void check_luma(const struct table *t, struct media_pool *pool, const char *dir)
{
	_cleanup_free_ char *path = path_join(dir, field(t, "file"));
	unsigned char want[64], got[64] = {0};
	struct answer answer;
	double worst = 0, same;

	if (hex_decode(field(t, "luma8x8_hex"), 128, want, 64) || ask(pool, path, NULL, &answer))
		return;
	if (!ok(read_luma(answer.preview_fd, got), "%s: preview decodes", field(t, "file"))) {
		answer_release(&answer);
		return;
	}
	for (size_t i = 0; i < 64; i++)
		worst = fmax(worst, fabs((double)want[i] - got[i]));
	same = correlate(want, got);
	if (!ok(same > 0.9 || worst < 40, "%s: upright", field(t, "file")))
		printf("#   correlation %.3f, worst difference %.0f\n", same, worst);
	answer_release(&answer);
}

int main(int argc, char **argv)
{
	const char *root = getenv("PINHOLE_TEST_DATA");
	struct media_options options = {.workers = 2, .max_seconds = 60};
	struct media_pool *pool = NULL;
	struct err err = ERR_INIT;
	struct table table;
	_cleanup_free_ char *dir = path_join(root ? root : "../shared/data", "photos");
	_cleanup_free_ char *expected = path_join(dir, "expected.csv");
	_cleanup_free_ char *luma = path_join(dir, "luma8x8.csv");

	(void)argc;
	if (!path_exists(expected))
		tap_skip_all("no shared test data (PINHOLE_TEST_DATA)");
	if (VIPS_INIT(argv[0]) || open_table(&table, expected))
		return 1;
	ok_call(media_pool_open(&options, &pool, &err), &err, "pool");
	while (next_row(&table, table.fields)) {
		if (strcmp(field(&table, "kind"), "sidecar") == 0)
			check_sidecar(&table, pool, dir);
		else
			check_file(&table, pool, dir);
	}
	str_release(&table.text);
	if (!open_table(&table, luma))
		while (next_row(&table, table.fields))
			check_luma(&table, pool, dir);
	str_release(&table.text);
	media_pool_close(pool);
	vips_shutdown();
	return tap_done();
}
