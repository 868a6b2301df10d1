/* keys.c - the files in the store's keys/: made, read, rotated; see token.h.
 *
 * Nothing here signs.  Invariant: a file appears whole or not at all, and the first process that makes one wins:
 * two that start at once end up with the same keys.
 */
#include "auth/internal.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_DIR      "keys"
#define CURRENT_FILE  "current.pem"
#define PREVIOUS_FILE "previous.pem"
#define SECRET_FILE   "secret"

static void release_key(struct signing_key *key)
{
	mem_wipe(key->private_pem.data, key->private_pem.len);
	str_release(&key->private_pem);
	str_release(&key->public_pem);
}

void token_keys_free(struct token_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < TOKEN_KEYS_MAX; i++)
		release_key(&keys->keys[i]);
	mem_wipe(keys->secret, sizeof(keys->secret));
	free(keys);
}

void token_keys_free_pointer(struct token_keys **keys)
{
	token_keys_free(*keys);
}

const uint8_t *token_keys_secret(const struct token_keys *keys)
{
	return keys->secret;
}

/* --- files ---------------------------------------------------------------------------------- */

static int write_file(int fd, const char *path, const void *bytes, size_t len, struct err *err)
{
	if (path_write_all(fd, bytes, len, err))
		return -1;
	return fsync(fd) ? err_errno(err, "cannot write %s", path) : 0;
}

/* Writes the file unless there is one: what another process wrote first is left. */
static int write_once(
	const char *dir, const char *path, const void *bytes, size_t len, struct err *err)
{
	_cleanup_free_ char *young = path_join(dir, "young-XXXXXX");
	_cleanup_close_ int fd = -1;
	int failed;

	if (!young)
		return err_no_memory(err);
	fd = mkostemp(young, O_CLOEXEC); /* 0600 */
	if (fd < 0)
		return err_errno(err, "cannot make a file in %s", dir);
	failed = write_file(fd, young, bytes, len, err);
	if (!failed && link(young, path) && errno != EEXIST)
		failed = err_errno(err, "cannot make %s", path);
	unlink(young);
	return failed ? -1 : path_sync_dir(dir, err);
}

/* 1 read, 0 there is none, -1 failed. */
static int read_private(const char *path, size_t max, struct str *out, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, "cannot open %s", path);
	if (st.st_mode & 077) {
		err_set(err, ERR_DENIED, "others may read the secret file %s", path);
		return err_hint(err, "chmod 600 '%s', and if others did read it, remove it", path);
	}
	return path_read_fd(fd, path, max, out, err) ? -1 : 1;
}

/* --- the parts ------------------------------------------------------------------------------ */

static int load_secret(const char *dir, uint8_t out[AUTH_SECRET_LEN], struct err *err)
{
	_cleanup_free_ char *path = path_join(dir, SECRET_FILE);
	_cleanup_str_ struct str text = STR_INIT(AUTH_SECRET_LEN);
	int found;

	if (!path)
		return err_no_memory(err);
	found = read_private(path, AUTH_SECRET_LEN, &text, err);
	if (found == 0) {
		uint8_t fresh[AUTH_SECRET_LEN];

		str_release(&text);
		if (crypt_random(fresh, sizeof(fresh), err) ||
			write_once(dir, path, fresh, sizeof(fresh), err))
			return -1;
		found = read_private(path, AUTH_SECRET_LEN, &text, err);
	}
	if (found < 0)
		return -1;
	if (text.len != AUTH_SECRET_LEN)
		return err_set(err, ERR_DAMAGED, "%s is damaged", path);
	memcpy(out, text.data, AUTH_SECRET_LEN);
	mem_wipe(text.data, text.len);
	return 0;
}

/* Adds the key of a file: 1, 0 there is no file, -1 failed. */
static int load_key(struct token_keys *keys, const char *path, struct err *err)
{
	struct signing_key *key = &keys->keys[keys->count];
	int found = read_private(path, ES256_PEM_MAX, &key->private_pem, err);

	if (found != 1)
		return found;
	if (es256_read(key->private_pem.data, key->private_pem.len, &key->point, &key->public_pem,
		    err))
		return err_set(err, ERR_DAMAGED, "%s holds no key", path);
	es256_kid(&key->point, key->kid);
	if (!*key->kid)
		return err_no_memory(err);
	keys->count++;
	return 1;
}

static int make_key(const char *dir, const char *path, struct err *err)
{
	_cleanup_str_ struct str pem = STR_INIT(ES256_PEM_MAX);
	int failed = es256_make(&pem, err) || write_once(dir, path, pem.data, pem.len, err);

	mem_wipe(pem.data, pem.len);
	return failed ? -1 : 0;
}

static int load_all(struct token_keys *keys, const char *dir, struct err *err)
{
	_cleanup_free_ char *current = path_join(dir, CURRENT_FILE),
			    *previous = path_join(dir, PREVIOUS_FILE);
	int found;

	if (!current || !previous)
		return err_no_memory(err);
	if (path_make_dirs(dir, 0700, err) || load_secret(dir, keys->secret, err))
		return -1;
	found = load_key(keys, current, err);
	if (found == 0) {
		if (make_key(dir, current, err))
			return -1;
		found = load_key(keys, current, err);
	}
	return found == 1 && load_key(keys, previous, err) >= 0 ? 0 : -1;
}

int token_keys_open(const char *store_dir, struct token_keys **out, struct err *err)
{
	_cleanup_free_ char *dir = path_join(store_dir, KEYS_DIR);
	_cleanup_token_keys_ struct token_keys *keys = mem_calloc(1, sizeof(*keys));

	if (!dir || !keys)
		return err_no_memory(err);
	for (size_t i = 0; i < TOKEN_KEYS_MAX; i++) {
		str_init(&keys->keys[i].private_pem, ES256_PEM_MAX);
		str_init(&keys->keys[i].public_pem, ES256_PEM_MAX);
	}
	if (load_all(keys, dir, err))
		return -1;
	*out = mem_steal(&keys);
	return 0;
}

int token_keys_rotate(const char *store_dir, struct err *err)
{
	_cleanup_free_ char *dir = path_join(store_dir, KEYS_DIR);
	_cleanup_free_ char *current = dir ? path_join(dir, CURRENT_FILE) : NULL,
			    *previous = dir ? path_join(dir, PREVIOUS_FILE) : NULL;
	_cleanup_token_keys_ struct token_keys *keys = NULL;
	_cleanup_str_ struct str pem = STR_INIT(ES256_PEM_MAX);
	int failed;

	if (!current || !previous)
		return err_no_memory(err);
	if (token_keys_open(store_dir, &keys, err))
		return -1;
	failed = es256_make(&pem, err) ||
		path_write_file(previous, keys->keys[0].private_pem.data,
			keys->keys[0].private_pem.len, 0600, err) ||
		path_write_file(current, pem.data, pem.len, 0600, err);
	mem_wipe(pem.data, pem.len);
	return failed ? -1 : 0;
}
