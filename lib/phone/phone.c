/* phone.c - finds and loads phone.so once, cleans what people wrote, asks it; see phone.h.
 *
 * It does not know libphonenumber.  Invariant: `plugin` is either NULL or a whole table of the
 * version that we were built with, and never goes back to NULL.
 */
#include "phone/phone.h"

#include "base/path.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define PATH_LIMIT 4096

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static const struct phone_plugin *plugin;
static char explicit_path[PATH_LIMIT];

void phone_set_library(const char *path)
{
	pthread_mutex_lock(&load_lock);
	explicit_path[0] = '\0';
	if (path && strlen(path) < sizeof(explicit_path))
		memcpy(explicit_path, path, strlen(path) + 1);
	pthread_mutex_unlock(&load_lock);
}

/* --- loading ------------------------------------------------------------------------------ */

/* The directory of the running program, without a trailing slash; "" if unknown. */
static void find_own_dir(char out[PATH_LIMIT])
{
	ssize_t len = readlink("/proc/self/exe", out, PATH_LIMIT - 1);
	char *slash;

	out[len > 0 ? len : 0] = '\0';
	slash = strrchr(out, '/');
	if (slash)
		*slash = '\0';
}

/* The first place that holds the file wins: what was built together belongs together. */
static int find_library(struct str *path, struct err *err)
{
	char own[PATH_LIMIT];
	static const char *const beside[] = {
		"phone.so", "build/phone.so", "../libexec/pinhole/phone.so"};

	if (explicit_path[0]) {
		str_addz(path, explicit_path);
		return str_check(path, err);
	}
	find_own_dir(own);
	for (size_t i = 0; i < ARRAY_LEN(beside) && own[0]; i++) {
		str_clear(path);
		str_addf(path, "%s/%s", own, beside[i]);
		if (!path->failed && path_exists(path->data))
			return 0;
	}
	str_clear(path);
	str_addz(path, PINHOLE_LIBEXECDIR "/phone.so");
	return str_check(path, err);
}

/* The handle is never closed: libphonenumber's singletons live as long as the process. */
static const struct phone_plugin *load(struct err *err)
{
	_cleanup_str_ struct str path = STR_INIT(2 * PATH_LIMIT);
	const struct phone_plugin *found;
	void *handle;

	if (find_library(&path, err))
		return NULL;
	handle = dlopen(path.data, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		err_set(err, ERR_UNSUPPORTED, "cannot load the telephone number library: %s",
			dlerror());
		err_hint(err, "install pinhole with `make install`, or run it where it was built");
		return NULL;
	}
	found = dlsym(handle, PHONE_PLUGIN_NAME);
	if (!found)
		err_set(err, ERR_UNSUPPORTED, "%s belongs to another version of pinhole",
			path.data);
	return found;
}

static const struct phone_plugin *get_plugin(struct err *err)
{
	const struct phone_plugin *found;

	pthread_mutex_lock(&load_lock);
	if (!plugin)
		plugin = load(err);
	found = plugin;
	pthread_mutex_unlock(&load_lock);
	return found;
}

/* --- cleaning ----------------------------------------------------------------------------- */

/* Marks that chat exports and address books put around numbers: zero-width characters, bidi
 * marks, embeddings and isolates, soft hyphen, byte order mark. */
static bool is_invisible(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
		(c >= 0x2060 && c <= 0x206f) || c == 0xad || c == 0x61c || c == 0xfeff;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Leaves what counts in `out`; -1 if the text cannot be a number (not UTF-8, controls). */
static int clean(const char *raw, struct str *out)
{
	size_t len = strlen(raw);

	while (len) {
		uint32_t c = 0;
		size_t n = text_decode_utf8(raw, len, &c);

		if (n == 0 || c == 0x7f)
			return -1;
		if (is_space(c)) {
			if (out->len && out->data[out->len - 1] != ' ')
				str_addc(out, ' ');
		} else if (c < 0x20) {
			return -1;
		} else if (!is_invisible(c)) {
			str_add(out, raw, n);
		}
		raw += n;
		len -= n;
	}
	return 0;
}

/* Two ASCII letters in upper case, or "" for anything else. */
static void clean_region(const char *region, char out[3])
{
	out[0] = '\0';
	if (!region || strlen(region) != 2)
		return;
	for (int i = 0; i < 2; i++) {
		char c = region[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c < 'A' || c > 'Z') {
			out[0] = '\0';
			return;
		}
		out[i] = c;
	}
	out[2] = '\0';
}

/* --- the calls ---------------------------------------------------------------------------- */

static int library_failed(struct err *err)
{
	return err_set(err, ERR_FAILED, "the telephone number library failed");
}

int phone_normalize(const char *raw, const char *region, struct phone *out, struct err *err)
{
	const struct phone_plugin *library = get_plugin(err);
	_cleanup_str_ struct str text = STR_INIT(PHONE_RAW_MAX);
	struct phone phone = {.outcome = PHONE_NOT_A_NUMBER};
	size_t raw_len = text_clip_utf8(raw, strlen(raw), PHONE_RAW_MAX);
	char country[3];
	int outcome;

	if (!library)
		return -1;
	memcpy(phone.raw, raw, raw_len);
	clean_region(region, country);
	if (clean(raw, &text) == 0) {
		if (text.failed)
			outcome = PHONE_TOO_LONG;
		else
			outcome = library->normalize(
				text.data, country, phone.e164, sizeof(phone.e164));
		if (outcome < 0 || outcome >= PHONE_OUTCOME_COUNT)
			return library_failed(err);
		phone.outcome = (enum phone_outcome)outcome;
	}
	if (phone.outcome != PHONE_E164)
		phone.e164[0] = '\0';
	*out = phone;
	return 0;
}

int phone_region_is_valid(const char *region, bool *valid, struct err *err)
{
	const struct phone_plugin *library = get_plugin(err);
	char country[3];
	int answer;

	if (!library)
		return -1;
	clean_region(region, country);
	answer = country[0] ? library->region_is_valid(country) : 0;
	if (answer < 0)
		return library_failed(err);
	*valid = answer != 0;
	return 0;
}

int phone_format(const char *e164, enum phone_style style, struct str *out, struct err *err)
{
	const struct phone_plugin *library = get_plugin(err);
	char text[PHONE_FORMAT_MAX];

	if (!library)
		return -1;
	if (e164[0] != '+' || strlen(e164) >= PHONE_E164_LEN ||
		library->format(e164, (int)style, text, sizeof(text)))
		return err_set(err, ERR_INVALID, "'%s' is not an E.164 number", e164);
	str_addz(out, text);
	return str_check(out, err);
}

static const struct {
	const char *name, *reason;
} outcomes[PHONE_OUTCOME_COUNT] = {
	[PHONE_E164] = {"E164", "is a number"},
	[PHONE_INVALID_NUMBER] = {"InvalidNumber", "is not a number that exists"},
	[PHONE_MISSING_REGION] = {"MissingRegion", "has no country code, and no region is set"},
	[PHONE_INVALID_COUNTRY_CODE] = {"InvalidCountryCode", "has an unknown country code"},
	[PHONE_TOO_SHORT] = {"TooShort", "is too short"},
	[PHONE_TOO_LONG] = {"TooLong", "is too long"},
	[PHONE_NOT_A_NUMBER] = {"NotANumber", "is not a telephone number"},
};

const char *phone_outcome_name(enum phone_outcome outcome)
{
	return (unsigned)outcome < PHONE_OUTCOME_COUNT ? outcomes[outcome].name : "unknown";
}

const char *phone_outcome_reason(enum phone_outcome outcome)
{
	return (unsigned)outcome < PHONE_OUTCOME_COUNT ? outcomes[outcome].reason : "is unknown";
}
