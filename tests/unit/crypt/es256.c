/* P-256 keys and their JWK form, against the vectors of RFC 7515 (A.3) and RFC 7638's rules. */
#include "tap.h"
#include "crypt/crypt.h"
#include "crypt/es256.h"

static struct err err;

/* The key of RFC 7515 appendix A.3 as PEM. */
static const char rfc7515[] = "-----BEGIN PRIVATE KEY-----\n"
			      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n"
			      "H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n"
			      "7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\n"
			      "-----END PRIVATE KEY-----\n";

static void test_rfc(void)
{
	_cleanup_str_ struct str pem = STR_INIT(4096), jwk = STR_INIT(4096);
	struct es256_public point;
	char kid[ES256_KID_LEN + 1];

	ok_call(es256_read(rfc7515, strlen(rfc7515), &point, &pem, &err), &err, "read");
	ok(strstr(pem.data, "BEGIN PUBLIC KEY") && !strstr(pem.data, "PRIVATE"), "its public part");
	es256_add_jwk(&point, &jwk);
	ok(strstr(jwk.data, "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"") &&
			strstr(jwk.data, "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""),
		"x and y as the RFC has them");
	es256_kid(&point, kid);
	is_str(kid, "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", "the thumbprint");
	ok(!strstr(jwk.data, "\"d\""), "the private part is not in it");
}

static void test_made(void)
{
	_cleanup_str_ struct str one = STR_INIT(4096), two = STR_INIT(4096), pem = STR_INIT(4096);
	struct es256_public a, b;

	ok_call(es256_make(&one, &err), &err, "a key is made");
	ok_call(es256_make(&two, &err), &err, "and another");
	ok_call(es256_read(one.data, one.len, &a, &pem, &err), &err, "read back");
	ok_call(es256_read(two.data, two.len, &b, &pem, &err), &err, "both");
	ok(memcmp(&a, &b, sizeof(a)) != 0, "they differ");
}

static void test_refused(void)
{
	static const char p384[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDVvAbCMpOT5pdrx1Y9\n"
		"Sb85FRc7+ubrbhTyuDK9BjUqbazPgttNRDGVKHmDKMNl07uhZANiAAS8EfXjILFO\n"
		"DAcPQDVIayLYxlsVjr4ep80Yo7DwQET2KMS6HEaiPjuLm7JK8I39+2qz8BQ4viOg\n"
		"YoPzsuJxqLUFBQhtRxRATBkJFLbOnBALXFqVycyotPweYjD+Lv8MLqE=\n"
		"-----END PRIVATE KEY-----\n";
	_cleanup_str_ struct str pem = STR_INIT(4096);
	struct es256_public point;

	ok(es256_read("", 0, &point, &pem, &err) == -1 && err.kind == ERR_INVALID, "nothing");
	ok(es256_read(p384, strlen(p384), &point, &pem, &err) == -1 && err.kind == ERR_INVALID,
		"another curve");
	ok(es256_read(rfc7515, strlen(rfc7515) / 2, &point, &pem, &err) == -1, "half a key");
	is_int((long long)pem.len, 0, "nothing was written");
}

static void test_base64url(void)
{
	static const char *const wrong[] = {
		"A", "AAAAA", "AA=", "AA==", "A+", "A/", "AB", "AAB", "A A"};
	_cleanup_str_ struct str text = STR_INIT(64), bytes = STR_INIT(64);

	base64url_encode("\xfb\xff\xfe", 3, &text);
	is_str(text.data, "-__-", "the digits of URLs");
	for (size_t len = 0; len < 8; len++) {
		str_clear(&text);
		str_clear(&bytes);
		base64url_encode("\xff\xee\xdd\xcc\xbb\xaa\x99\x88", len, &text);
		ok(!strchr(text.data, '=') &&
				base64url_decode(text.data, text.len, &bytes, &err) == 0 &&
				bytes.len == len &&
				memcmp(bytes.data, "\xff\xee\xdd\xcc\xbb\xaa\x99\x88", len) == 0,
			"%zu bytes there and back", len);
	}
	str_clear(&bytes);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ok(base64url_decode(wrong[i], strlen(wrong[i]), &bytes, &err) == -1 &&
				bytes.len == 0,
			"'%s' is refused", wrong[i]);
}

int main(void)
{
	test_rfc();
	test_made();
	test_refused();
	test_base64url();
	return tap_done();
}
