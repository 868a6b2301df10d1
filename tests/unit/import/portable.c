/* portable.c - names that every file system takes, and letters put together with their marks. */
#include "tap.h"

#include "import/compose.h"
#include "import/portable.h"

static struct err err;

static const char *stem_of(const char *name)
{
	static struct str out = STR_INIT(PORTABLE_MAX);
	struct sha256 hash = {{0xab, 0xcd, 0xef, 0x01}};

	str_clear(&out);
	portable_stem(1714566896000, name, &hash, &out);
	return out.failed ? "(failed)" : out.data + strlen("2024-05-01_12-34-56_");
}

static void test_stems(void)
{
	char long_name[2000];

	is_str(stem_of("IMG_1.JPG"), "IMG_1", "the extension goes");
	is_str(stem_of("a.b.c"), "a.b", "only the last one");
	is_str(stem_of("dir/../x.jpg"), "x", "folders go");
	is_str(stem_of(NULL), "abcdef01", "no name: the hash");
	is_str(stem_of("...jpg"), "abcdef01", "nothing but dots: the hash");
	is_str(stem_of("a<b>c:d\"e|f?g*h\\i.jpg"), "a_b_c_d_e_f_g_h_i", "what Windows reserves");
	is_str(stem_of("a\x01\x1b[2Jb.jpg"), "a__[2Jb", "what a terminal obeys");
	is_str(stem_of("a\u202egpj.jpg"), "agpj", "what turns the direction of text");
	is_str(stem_of("trailing. . .jpg"), "trailing", "dots and blanks at the end");
	is_str(stem_of("bad\xff\xfe.jpg"), "bad__", "what is not UTF-8");
	is_str(stem_of("U\u0308bung.jpg"), "\u00dcbung", "marks are put to their letters");
	memset(long_name, 'x', sizeof(long_name));
	memcpy(long_name + 900, "\u00e9", 2);
	long_name[sizeof(long_name) - 1] = '\0';
	ok(strlen(stem_of(long_name)) <= PORTABLE_MAX - 40, "a long name is cut");
}

static void test_undated(void)
{
	struct str out = STR_INIT(PORTABLE_MAX);
	struct sha256 hash = {{0}};

	portable_stem(INT64_MAX / 2, "x.jpg", &hash, &out);
	is_str(out.data, "undated_x", "a year beyond all calendars");
	str_release(&out);
}

static const char *extension_of(const char *name, const char *mime)
{
	static char out[8];

	portable_extension(name, mime, out);
	return out;
}

static void test_extensions(void)
{
	is_str(extension_of("a.JPEG", "image/jpeg"), ".JPEG", "its own, if it fits");
	is_str(extension_of("a.exe", "image/jpeg"), ".jpg", "the type's, if it does not");
	is_str(extension_of(NULL, "image/heic"), ".heic", "the type's without a name");
	is_str(extension_of("a", "video/quicktime"), ".mov", "or without an extension");
	is_str(extension_of("a.rw2", "image/x-panasonic-rw2"), ".rw2",
		"an unknown type keeps its own");
	is_str(extension_of("a.p/f", "x/y"), "", "unless it is odd");
	is_str(extension_of("a.\x1b[m", "x/y"), "", "or worse");
}

static void test_keeping_apart(void)
{
	struct portable_names *names;
	bool all = true;
	char name[32];

	ok_call(portable_names_open(&names, &err), &err, "a list of names");
	ok(!portable_names_has(names, "A.jpg"), "nothing is taken");
	ok_call(portable_names_take(names, "A.jpg", &err), &err, "one is");
	ok(portable_names_has(names, "a.JPG"), "case makes no other name");
	ok(!portable_names_has(names, "b.jpg"), "a letter does");
	portable_names_take(names, "\u00c9t\u00e9.jpg", &err);
	ok(portable_names_has(names, "\u00e9t\u00c9.jpg"), "nor does case beyond ASCII");
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		portable_names_take(names, name, &err);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		all = all && portable_names_has(names, name);
	}
	ok(all && portable_names_has(names, "A.jpg"), "thousands are kept");
	portable_names_close(names);
}

static const char *composed(const char *text)
{
	static struct str out = STR_INIT(1000);

	str_clear(&out);
	compose_text(text, strlen(text), &out);
	return out.data;
}

static void test_compose(void)
{
	is_str(composed("plain"), "plain", "nothing to do");
	is_str(composed("e\u0301"), "\u00e9", "a letter and its accent");
	is_str(composed("e\u0302\u0301"), "\u1ebf", "two marks");
	is_str(composed("\u1112\u1161\u11ab"), "\ud55c", "a Hangul syllable");
	is_str(composed("\u304b\u3099"), "\u304c", "kana with a voice mark");
	is_str(composed("x\u0301"), "x\u0301", "a pair that has no letter stays");
	is_str(composed("\u0301e"), "\u0301e", "a mark alone, too");
	is_str(composed("\u00e9"), "\u00e9", "what is composed stays");
	is_str(composed("\u0928\u093c"), "\u0929", "Devanagari");
	is_str(composed("\u0915\u093c"), "\u0915\u093c", "but not what Unicode excludes");
	is_str(composed("\U0001f600e\u0301"), "\U0001f600\u00e9",
		"after a character beyond the first plane");
}

int main(void)
{
	test_stems();
	test_undated();
	test_extensions();
	test_keeping_apart();
	test_compose();
	return tap_done();
}
