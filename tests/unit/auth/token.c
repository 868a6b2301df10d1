/* Access tokens against forged ones of every known make; key files; random secrets. */
#include "tap.h"
#include "auth/token.h"
#include "base/path.h"
#include "wire/json.h"

#include <sys/stat.h>
#include <unistd.h>

#define NOW 1700000000000

static struct err err;
static char dir[] = "/tmp/pinhole-token-XXXXXX";
static struct token_keys *keys;
static const struct token_claims anna = {
	.issuer = {{1, 2, 3}},
	.user = {{4, 5, 6}},
	.session = {{7, 8, 9}},
	.version = 3,
	.admin = true,
	.issued = NOW,
	.expires = NOW + TOKEN_LIFE_MS,
};

static char *sign(const struct token_claims *claims)
{
	struct str text = STR_INIT(TOKEN_MAX);

	ok_call(token_sign(keys, claims, &text, &err), &err, "signed");
	return str_take(&text, &err);
}

static int verify_at(const char *text, int64_t now)
{
	struct token_claims claims;

	err_clear(&err);
	return token_verify(keys, text, strlen(text), &anna.issuer, now, &claims, &err);
}

static void refused(const char *text, const char *what)
{
	ok(verify_at(text, NOW) == -1 && err.kind == ERR_DENIED &&
			strcmp(err.message, "the token does not hold") == 0,
		"%s", what);
}

static void test_round(void)
{
	_cleanup_free_ char *text = sign(&anna);
	struct token_claims got;
	struct uuid other = {{9}};

	ok_call(token_verify(keys, text, strlen(text), &anna.issuer, NOW, &got, &err), &err,
		"verified");
	ok(uuid_equal(&got.user, &anna.user) && uuid_equal(&got.session, &anna.session) &&
			got.version == 3 && got.admin && got.issued == NOW &&
			got.expires == NOW + TOKEN_LIFE_MS,
		"it says what it said");
	is_int(verify_at(text, NOW + TOKEN_LIFE_MS - 1), 0, "it holds to the last moment");
	is_int(verify_at(text, NOW + TOKEN_LIFE_MS), -1, "and then no more");
	ok(token_verify(keys, text, strlen(text), &other, NOW, &got, &err) == -1,
		"another store's is refused");
}

static void add_part(struct str *out, const char *text)
{
	base64url_encode(text, strlen(text), out);
}

/* A token of this header and payload, signed by HMAC with `secret` (NULL: without signature). */
static void forge(const char *header, const char *payload, const char *secret, const char *what)
{
	_cleanup_str_ struct str text = STR_INIT(4 * TOKEN_MAX);
	struct sha256 mac;

	add_part(&text, header);
	str_addc(&text, '.');
	add_part(&text, payload);
	if (secret) {
		crypt_hmac_sha256(secret, strlen(secret), text.data, text.len, &mac);
		str_addc(&text, '.');
		base64url_encode(mac.bytes, sizeof(mac.bytes), &text);
	} else {
		str_addc(&text, '.');
	}
	refused(text.data, what);
}

static void test_forged(void)
{
	_cleanup_str_ struct str jwks = STR_INIT(TOKEN_MAX), header = STR_INIT(1024);
	const char *payload = "{\"iss\":\"01020300-0000-0000-0000-000000000000\","
			      "\"sub\":\"04050600-0000-0000-0000-000000000000\","
			      "\"sid\":\"07080900-0000-0000-0000-000000000000\","
			      "\"ver\":3,\"adm\":true,\"iat\":1700000000,\"exp\":1700000900}";
	_cleanup_json_ json_t *set = NULL;
	const char *kid;

	ok_call(token_jwks(keys, &jwks, &err), &err, "the keys are public");
	set = wire_parse(jwks.data, jwks.len, TOKEN_MAX, &err);
	kid = json_string_value(
		json_object_get(json_array_get(json_object_get(set, "keys"), 0), "kid"));
	forge("{\"alg\":\"none\"}", payload, NULL, "alg none");
	str_addf(&header, "{\"alg\":\"none\",\"kid\":\"%s\",\"typ\":\"JWT\"}", kid);
	forge(header.data, payload, NULL, "alg none with our kid");
	str_clear(&header);
	str_addf(&header, "{\"alg\":\"NoNe\",\"kid\":\"%s\"}", kid);
	forge(header.data, payload, NULL, "in other letters");
	str_clear(&header);
	str_addf(&header, "{\"alg\":\"HS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", kid);
	forge(header.data, payload, jwks.data, "HS256 with what is public");
	str_clear(&header);
	str_addf(&header, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", kid);
	forge(header.data, payload, NULL, "ES256 without a signature");
	forge(header.data, payload, "secret", "ES256 with 32 bytes");
	str_clear(&header);
	str_addf(&header, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"alg\":\"none\"}", kid);
	forge(header.data, payload, NULL, "alg said twice");
	str_clear(&header);
	str_addf(&header, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":[\"b64\"]}", kid);
	forge(header.data, payload, "secret", "a header that asks for more");
	forge("[]", payload, "secret", "a header that is no object");
	forge("{\"alg\":1,\"kid\":2}", payload, "secret", "with numbers in it");
}

/* HS256 keyed by the very PEM that verifies: the classic confusion. */
static void test_confused(void)
{
	_cleanup_free_ char *text = sign(&anna);
	_cleanup_str_ struct str forged = STR_INIT(TOKEN_MAX), pem = STR_INIT(4096);
	char path[128], command[256];
	struct sha256 mac;
	const char *payload = strchr(text, '.'), *end = strrchr(text, '.');

	snprintf(path, sizeof(path), "%s/public.pem", dir);
	snprintf(command, sizeof(command),
		"openssl pkey -in '%s/keys/current.pem' -pubout -out '%s'", dir, path);
	if (system(command) != 0) {
		printf("# no openssl command: the confusion is not tried\n");
		return;
	}
	ok_call(path_read_file(path, 4096, &pem, &err), &err, "the public key as a file");
	add_part(&forged, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
	str_add(&forged, payload, (size_t)(end - payload));
	crypt_hmac_sha256(pem.data, pem.len, forged.data, forged.len, &mac);
	str_addc(&forged, '.');
	base64url_encode(mac.bytes, sizeof(mac.bytes), &forged);
	refused(forged.data, "HS256 with the public key as secret");
	unlink(path);
}

static void test_altered(void)
{
	_cleanup_free_ char *text = sign(&anna);
	struct token_claims got;
	char nul[] = "a.b\0c.d", *altered;
	size_t len = strlen(text), held = 0;

	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		held += verify_at(text, NOW) == 0;
		text[i] = was;
	}
	/* The last digit of 64 bytes has 4 bits that must be zero. */
	is_int(held, 0, "no byte can be another");
	for (size_t i = 0; i < len; i++)
		held += token_verify(keys, text, i, &anna.issuer, NOW, &got, &err) == 0;
	is_int(held, 0, "none can be missing at the end");
	refused("", "nothing");
	refused(".", "a dot");
	refused("..", "two");
	refused("...", "three");
	altered = malloc(len + 2);
	snprintf(altered, len + 2, "%s.", text);
	refused(altered, "a fourth part");
	snprintf(altered, len + 2, "%s=", text);
	refused(altered, "padding");
	snprintf(altered, len + 2, " %s", text);
	refused(altered, "a space before");
	free(altered);
	ok(token_verify(keys, nul, sizeof(nul) - 1, &anna.issuer, NOW, &got, &err) == -1,
		"a NUL inside");
	altered = calloc(1, TOKEN_MAX + 2);
	memset(altered, 'a', TOKEN_MAX + 1);
	refused(altered, "far too long");
	free(altered);
}

static mode_t mode_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return stat(path, &st) ? 0 : st.st_mode & 0777;
}

static void reopen(const char *what)
{
	token_keys_free(keys);
	keys = NULL;
	ok_call(token_keys_open(dir, &keys, &err), &err, "%s", what);
	if (!keys)
		exit(1);
}

static void test_rotation(void)
{
	_cleanup_free_ char *old = sign(&anna), *new = NULL;
	_cleanup_str_ struct str before = STR_INIT(4096), after = STR_INIT(4096);
	uint8_t secret[AUTH_SECRET_LEN];

	memcpy(secret, token_keys_secret(keys), sizeof(secret));
	token_jwks(keys, &before, &err);
	reopen("opened again");
	token_jwks(keys, &after, &err);
	is_str(after.data, before.data, "the same keys");
	ok(memcmp(secret, token_keys_secret(keys), sizeof(secret)) == 0, "and secret");
	is_int(verify_at(old, NOW), 0, "which verify what was signed");
	ok_call(token_keys_rotate(dir, &err), &err, "rotated");
	reopen("opened after that");
	is_int(verify_at(old, NOW), 0, "the old token still holds");
	new = sign(&anna);
	ok(strncmp(old, new, 60) != 0, "new ones name another key");
	str_clear(&after);
	token_jwks(keys, &after, &err);
	ok(after.len > before.len * 3 / 2, "both keys are public");
	ok_call(token_keys_rotate(dir, &err), &err, "rotated again");
	reopen("opened after that");
	refused(old, "the oldest key is gone");
	is_int(verify_at(new, NOW), 0, "the newer one is not");
}

static void test_files(void)
{
	char path[128];
	struct token_keys *none = NULL;

	is_int(mode_of("keys"), 0700, "the directory is closed");
	is_int(mode_of("keys/current.pem"), 0600, "so is the key");
	is_int(mode_of("keys/previous.pem"), 0600, "the one before");
	is_int(mode_of("keys/secret"), 0600, "and the secret");
	snprintf(path, sizeof(path), "%s/keys/current.pem", dir);
	chmod(path, 0644);
	ok(token_keys_open(dir, &none, &err) == -1 && err.kind == ERR_DENIED &&
			strstr(err.hint, "chmod"),
		"an open one is refused");
	chmod(path, 0600);
	ok_call(path_write_file(path, "rubbish", 7, 0600, &err), &err, "a damaged key");
	ok(token_keys_open(dir, &none, &err) == -1 && err.kind == ERR_DAMAGED, "is told");
	unlink(path);
	snprintf(path, sizeof(path), "%s/keys/secret", dir);
	ok_call(path_write_file(path, "short", 5, 0600, &err), &err, "a damaged secret");
	ok(token_keys_open(dir, &none, &err) == -1 && err.kind == ERR_DAMAGED, "is told");
}

static void test_secrets(void)
{
	char one[SECRET_TEXT_MAX], two[SECRET_TEXT_MAX], next[SECRET_TEXT_MAX],
		again[SECRET_TEXT_MAX];
	struct sha256 hash, other;
	const uint8_t key[AUTH_SECRET_LEN] = "k", key2[AUTH_SECRET_LEN] = "l";

	ok_call(secret_make(SECRET_API_KEY, one, &err), &err, "a secret is made");
	ok_call(secret_make(SECRET_API_KEY, two, &err), &err, "and another");
	ok(strcmp(one, two) != 0 && strncmp(one, "phk_", 4) == 0 && strlen(one) == 47,
		"random, with prefix");
	ok(secret_hash(SECRET_API_KEY, one, &hash) && secret_hash(SECRET_API_KEY, two, &other) &&
			sha256_compare(&hash, &other) != 0,
		"hashed");
	ok(!secret_hash(SECRET_INVITE, one, &hash), "of one kind only");
	ok(!secret_hash(SECRET_API_KEY, "phk_", &hash), "an empty one is none");
	one[46] = '=';
	ok(!secret_hash(SECRET_API_KEY, one, &hash), "nor one with other characters");
	secret_next(key, SECRET_INVITE, two, next);
	secret_next(key, SECRET_INVITE, two, again);
	ok(strcmp(next, again) == 0 && secret_hash(SECRET_INVITE, next, &hash),
		"one follows another");
	secret_next(key2, SECRET_INVITE, two, again);
	ok(strcmp(next, again) != 0, "by the key");
}

int main(void)
{
	char command[64];

	if (!mkdtemp(dir))
		return 1;
	reopen("keys are made");
	test_round();
	test_forged();
	test_confused();
	test_altered();
	test_rotation();
	test_secrets();
	test_files();
	token_keys_free(keys);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command) ? 1 : tap_done();
}
