/* One-time codes and waiting times. */
#include "tap.h"
#include "auth/code.h"

static struct err err;
static const uint8_t key[AUTH_SECRET_LEN] = "a key", other_key[AUTH_SECRET_LEN] = "another key";

static void test_make(void)
{
	char code[CODE_LEN + 1], first[CODE_LEN + 1];
	int digits = 0, same = 0;

	ok_call(code_make(first, &err), &err, "a code is made");
	for (int i = 0; i < 100; i++) {
		if (code_make(code, &err))
			break;
		digits += strlen(code) == CODE_LEN && strspn(code, "0123456789") == CODE_LEN;
		same += strcmp(code, first) == 0;
	}
	is_int(digits, 100, "six digits each");
	ok(same < 3, "not always the same");
}

static int differs(const struct sha256 *from, const uint8_t *with, enum code_purpose purpose,
	const char *address, const char *code)
{
	struct sha256 hash;

	code_hash(with, purpose, address, code, &hash);
	return sha256_compare(from, &hash) != 0;
}

static void test_hash(void)
{
	struct sha256 hash, shifted;

	code_hash(key, CODE_RESET, "+33612345678", "012345", &hash);
	ok(!differs(&hash, key, CODE_RESET, "+33612345678", "012345"), "the same again");
	ok(differs(&hash, other_key, CODE_RESET, "+33612345678", "012345"), "bound to the store");
	ok(differs(&hash, key, CODE_LOGIN, "+33612345678", "012345"), "bound to the purpose");
	ok(differs(&hash, key, CODE_RESET, "+33612345679", "012345"), "bound to the address");
	ok(differs(&hash, key, CODE_RESET, "+33612345678", "012346"), "and to the code");
	ok(differs(&hash, key, CODE_RESET, "+33612345678012345", ""), "where a part ends counts");
	code_hash_subject(key, "peer", "192.0.2.1", &hash);
	code_hash_subject(key, "peer1", "92.0.2.1", &shifted);
	ok(sha256_compare(&hash, &shifted) != 0, "also for subjects");
}

static void test_waiting(void)
{
	is_int(code_resend_ms(0), 0, "the first code goes at once");
	is_int(code_resend_ms(1), 30000, "the second 30 s later");
	is_int(code_resend_ms(2), 60000, "then a minute");
	is_int(code_resend_ms(INT64_MAX), 24 * 3600 * 1000, "at most a day");
	is_int(code_backoff_ms(4), 0, "anyone may mistype four times");
	is_int(code_backoff_ms(5), 1000, "the fifth costs a second");
	is_int(code_backoff_ms(7), 4000, "then doubled");
	is_int(code_backoff_ms(INT64_MAX), 15 * 60 * 1000, "at most a quarter of an hour");
}

int main(void)
{
	test_make();
	test_hash();
	test_waiting();
	return tap_done();
}
