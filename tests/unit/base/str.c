/* Growing strings with a maximum, and what makes bytes safe for a terminal. */
#include "base/str.h"
#include "tap.h"

static void test_adding(void)
{
	_cleanup_str_ struct str s = STR_INIT(100000);
	struct err err = ERR_INIT;
	char *taken;

	is_str(s.data, "", "empty at first");
	str_addz(&s, "album");
	str_addc(&s, '/');
	str_add(&s, "beach!", 5);
	str_addf(&s, " %d", 7);
	str_add_hex(&s, "\x01\xfe", 2);
	is_str(s.data, "album/beach 701fe", "all ways of adding");
	str_truncate(&s, 5);
	str_truncate(&s, 50);
	is_str(s.data, "album", "truncate shortens only");
	str_add(&s, NULL, 0);
	is_int(s.len, 5, "adding nothing is fine");
	str_addf(&s, "%1000d", 1);
	is_int(s.len, 1005, "a long format");
	taken = str_take(&s, &err);
	ok(taken && strlen(taken) == 1005 && s.len == 0 && s.data == str_empty,
		"take leaves it empty");
	free(taken);
	taken = str_take(&s, &err);
	is_str(taken, "", "an empty one gives an empty string");
	free(taken);
	str_addz(&s, "again");
	is_str(s.data, "again", "and it can be used again");
	str_clear(&s);
	is_str(s.data, "", "clear");
}

static void test_maximum(void)
{
	struct err err = ERR_INIT;

	for (size_t max = 0; max < 200; max++) {
		_cleanup_str_ struct str s = STR_INIT(max);

		for (size_t i = 0; i < max; i++)
			str_addc(&s, 'x');
		if (str_check(&s, &err) || s.len != max || strlen(s.data) != max)
			ok(0, "filling up to %zu", max);
		str_addc(&s, 'x');
		if (!s.failed || s.len != 0 || *s.data)
			ok(0, "one more than %zu", max);
		str_addz(&s, "");
		str_addf(&s, "%d", 1);
		str_add_hex(&s, "", 1);
		if (str_check(&s, &err) != -1 || err.kind != ERR_TOO_LARGE || str_take(&s, &err))
			ok(0, "the failure stays for %zu", max);
		str_clear(&s);
		if (s.failed)
			ok(0, "clear makes it good again for %zu", max);
	}
	ok(1, "all maxima up to 200 hold");
}

static void test_limits_of_adders(void)
{
	_cleanup_str_ struct str s = STR_INIT(10);

	str_addf(&s, "%0300d", 1);
	ok(s.failed, "a format over the maximum");
	str_clear(&s);
	str_add_hex(&s, "abcdef", 6);
	ok(s.failed, "hex over the maximum");
	str_clear(&s);
	ok(!str_reserve(&s, SIZE_MAX) && s.failed, "a reservation that overflows");
	str_clear(&s);
	ok(str_reserve(&s, 10) && s.len == 0, "one that fits");
}

static void is_visible(const char *bytes, size_t len, const char *want, const char *name)
{
	_cleanup_str_ struct str s = STR_INIT(1000);

	str_add_visible(&s, bytes, len);
	is_str(s.data, want, "%s", name);
}

static void test_visible(void)
{
	_cleanup_str_ struct str s = STR_INIT(1000);

	is_visible(
		"caf\xc3\xa9 \xf0\x9f\x98\x80", 10, "caf\xc3\xa9 \xf0\x9f\x98\x80", "text stays");
	is_visible("a\x1b[31m\x7f\0b", 9, "a\\x1b[31m\\x7f\\x00b", "controls and NUL");
	is_visible("a\nb\tc", 5, "a\\nb\\tc", "newline and tab");
	is_visible(
		"\xc2\x9b\xe2\x80\xae\xe2\x81\xa6", 8, "\\u{9b}\\u{202e}\\u{2066}", "C1 and bidi");
	is_visible("\xff\xc3", 2, "\\xff\\xc3", "what is not UTF-8");
	is_visible("\xed\xa0\x80", 3, "\\xed\\xa0\\x80", "surrogates");
	str_add_visible_text(&s, "a\nb\tc\x1b", 6);
	is_str(s.data, "a\nb\tc\\x1b", "in text, lines and tabs stay");
}

int main(void)
{
	test_adding();
	test_maximum();
	test_limits_of_adders();
	test_visible();
	return tap_done();
}
