/* Hashes against published vectors, random bytes, base64. */
#include "base/str.h"
#include "crypt/crypt.h"
#include "tap.h"

#include <pthread.h>

static void is_hash(const struct sha256 *got, const char *want, const char *name)
{
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(got, hex);
	is_str(hex, want, "%s", name);
}

/* FIPS 180-2 appendix B. */
static void test_sha256(void)
{
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	static char million[1000000];
	struct sha256 hash, other;

	crypt_sha256("abc", 3, &hash);
	is_hash(&hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc");
	crypt_sha256(NULL, 0, &hash);
	is_hash(&hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"nothing");
	crypt_sha256(two_blocks, strlen(two_blocks), &hash);
	is_hash(&hash, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
		"448 bits");
	memset(million, 'a', sizeof(million));
	crypt_sha256(million, sizeof(million), &hash);
	is_hash(&hash, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		"a million a");
	for (size_t cut = 0; cut <= strlen(two_blocks); cut += 7) {
		crypt_sha256(two_blocks, strlen(two_blocks), &hash);
		crypt_sha256_two(
			two_blocks, cut, two_blocks + cut, strlen(two_blocks) - cut, &other);
		ok(sha256_compare(&hash, &other) == 0, "two parts cut at %zu", cut);
	}
}

/* RFC 4231 cases 1, 2 and 6 (a key longer than a block). */
static void test_hmac(void)
{
	static const char long_data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	unsigned char key[131];
	struct sha256 mac;

	memset(key, 0x0b, sizeof(key));
	crypt_hmac_sha256(key, 20, "Hi There", 8, &mac);
	is_hash(&mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "case 1");
	crypt_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, &mac);
	is_hash(&mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "case 2");
	memset(key, 0xaa, sizeof(key));
	crypt_hmac_sha256(key, sizeof(key), long_data, strlen(long_data), &mac);
	is_hash(&mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", "case 6");
}

static void test_stream(void)
{
	_cleanup_sha256_stream_ struct sha256_stream *s = NULL;
	struct err err = ERR_INIT;
	struct sha256 hash, want;

	s = sha256_stream_new(&err);
	ok(s, "a stream is made");
	sha256_stream_add(s, "a", 1);
	crypt_sha256("something between", 17, &want);
	sha256_stream_add(s, "", 0);
	sha256_stream_add(s, "bc", 2);
	sha256_stream_end(s, &hash);
	crypt_sha256("abc", 3, &want);
	ok(sha256_compare(&hash, &want) == 0, "pieces give the hash of the whole");
	sha256_stream_end(s, &hash);
	crypt_sha256("", 0, &want);
	ok(sha256_compare(&hash, &want) == 0, "the stream begins anew after its end");
}

static void *hash_in_thread(void *wrong)
{
	struct sha256 hash, want;

	sha256_parse("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 64, &want);
	for (int i = 0; i < 2000; i++) {
		crypt_sha256("abc", 3, &hash);
		if (sha256_compare(&hash, &want))
			*(int *)wrong = 1;
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t threads[4];
	int wrong[4] = {0}, any = 0;

	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, hash_in_thread, &wrong[i]))
			exit(1);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		any |= wrong[i];
	}
	ok(!any, "threads that hash at once do not disturb each other");
}

static void test_text(void)
{
	static const char hex[] =
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct sha256 hash = {{7}};

	ok(sha256_parse(hex, 63, &hash) == -1, "63 digits are refused");
	ok(sha256_parse("zz", 2, &hash) == -1, "other lengths are refused");
	ok(sha256_parse("ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 64,
		   &hash) == -1,
		"what is not hex is refused");
	ok(hash.bytes[0] == 7, "the output is untouched by failures");
	ok(sha256_parse(hex, 64, &hash) == 0, "64 digits are read");
	is_hash(&hash, hex, "and written back");
	ok(crypt_equal("abc", "abc", 3) == 1 && crypt_equal("abc", "abd", 3) == 0, "equal");
}

static void test_random(void)
{
	unsigned char a[1000] = {0}, b[1000] = {0};
	struct err err = ERR_INIT;
	int tail = 0;

	ok_call(crypt_random(a, sizeof(a), &err), &err, "random bytes come");
	ok_call(crypt_random(b, sizeof(b), &err), &err, "and again");
	ok(memcmp(a, b, sizeof(a)) != 0, "others each time");
	for (size_t i = sizeof(a) - 16; i < sizeof(a); i++)
		tail |= a[i];
	ok(tail, "the last bytes are filled too");
	ok_call(crypt_random(a, 0, &err), &err, "none is fine");
}

/* RFC 4648 section 10. */
static void test_base64(void)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}};
	static const char *const wrong[] = {"Z", "Zg",
		"Zg=", "Zg===", "=Zg=", "Zh==", "Zm9=", "Zm9v\n", "Zm 9",
		"====", "Zg==Zg==", "Zm-v", "Zm9v====", "Z\0==", "\xc3\xa4\xc3\xa4"};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		_cleanup_str_ struct str text = STR_INIT(100), bytes = STR_INIT(100);

		base64_encode(vectors[i][0], strlen(vectors[i][0]), &text);
		is_str(text.data, vectors[i][1], "encodes \"%s\"", vectors[i][0]);
		ok_call(base64_decode(text.data, text.len, &bytes, &err), &err, "decodes it");
		is_str(bytes.data, vectors[i][0], "to the same");
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		_cleanup_str_ struct str bytes = STR_INIT(100);

		str_addz(&bytes, "kept");
		err_clear(&err);
		ok(base64_decode(wrong[i], strlen(wrong[i]), &bytes, &err) == -1 &&
				err.kind == ERR_INVALID,
			"refuses malformed text %zu", i);
		is_str(bytes.data, "kept", "and adds nothing");
	}
}

static void test_base64_all_bytes(void)
{
	_cleanup_str_ struct str text = STR_INIT(1000), bytes = STR_INIT(1000),
				 small = STR_INIT(10);
	unsigned char all[256];
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	base64_encode(all, sizeof(all), &text);
	ok_call(base64_decode(text.data, text.len, &bytes, &err), &err, "all bytes decode");
	ok(bytes.len == 256 && memcmp(bytes.data, all, 256) == 0, "to themselves");
	ok(base64_decode(text.data, text.len, &small, &err) == -1 && err.kind == ERR_TOO_LARGE,
		"the output's limit holds");
}

int main(void)
{
	test_sha256();
	test_hmac();
	test_stream();
	test_threads();
	test_text();
	test_random();
	test_base64();
	test_base64_all_bytes();
	return tap_done();
}
