/* Passwords: a reference hash from the argon2 command, right and wrong ones, limits, parameters. */
#include "tap.h"
#include "auth/password.h"

static struct err err;

/* A vector of the argon2 reference implementation: password "password", salt "somesalt". */
static const char elsewhere[] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
				"$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

static void test_round(void)
{
	char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX];

	ok_call(password_hash("correct horse", 13, hash, &err), &err, "a hash is made");
	ok(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "argon2id, our parameters");
	is_int(password_verify(hash, "correct horse", 13, &err), 1, "the right one holds");
	is_int(password_verify(hash, "correct horsf", 13, &err), 0, "a wrong one does not");
	is_int(password_verify(hash, "correct horse ", 14, &err), 0, "nor a longer one");
	is_int(password_verify(hash, "", 0, &err), 0, "nor an empty one");
	is_int(password_verify(NULL, "correct horse", 13, &err), 0, "nobody has none");
	ok_call(password_hash("correct horse", 13, other, &err), &err, "hashed again");
	ok(strcmp(hash, other) != 0, "each has a salt of its own");
	ok(!password_is_stale(hash), "it is of today");
}

static void test_elsewhere(void)
{
	is_int(password_verify(elsewhere, "password", 8, &err), 1, "the reference's hash verifies");
	ok(password_is_stale(elsewhere), "with other parameters it is not of today");
	ok(password_is_stale("$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA"),
		"nor is another kind");
}

static void test_limits(void)
{
	char hash[PASSWORD_HASH_MAX] = "untouched", longest[PASSWORD_MAX + 2];

	memset(longest, 'a', sizeof(longest));
	ok(password_check("1234567", 7, &err) == -1 && err.kind == ERR_INVALID, "7 are too few");
	ok_call(password_check("12345678", 8, &err), &err, "8 will do");
	ok(password_check("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 8, &err) == -1,
		"characters count, not bytes");
	ok(password_check("1234567\xff", 8, &err) == -1, "what is not UTF-8 is refused");
	ok_call(password_check(longest, PASSWORD_MAX, &err), &err, "the longest");
	ok(password_check(longest, PASSWORD_MAX + 1, &err) == -1, "one byte more is refused");
	ok(password_hash(longest, PASSWORD_MAX + 1, hash, &err) == -1 && err.kind == ERR_INVALID,
		"not hashed either");
	is_str(hash, "untouched", "nothing was written");
	is_int(password_verify(elsewhere, longest, PASSWORD_MAX + 1, &err), 0, "and never right");
	ok(password_verify("$argon2id$damaged", "password", 8, &err) == -1 &&
			err.kind == ERR_DAMAGED,
		"a damaged hash is told from a wrong password");
}

int main(void)
{
	test_round();
	test_elsewhere();
	test_limits();
	return tap_done();
}
