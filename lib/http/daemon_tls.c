/* daemon_tls.c - certificates by GnuTLS, chosen for each connection so that they can be renewed; see daemon_tls.h.
 *
 * It speaks no TLS: libmicrohttpd does.  What is in use is one for the process, because libmicrohttpd gives its callback no
 * data.  Invariant: a certificate that a handshake may still look at is freed only by daemon_tls_release.
 */
#include "http/daemon_tls.h"
#include "base/path.h"
#include "crypt/crypt.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX      ((size_t)1024 * 1024)
#define CHAIN_MAX    16
#define KEY_ID_BYTES 32

struct identity {
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned count;
	gnutls_privkey_t key;
	struct sha256 files;      /* of both files: the same again is not loaded again */
	struct identity *earlier; /* handshakes may still use it */
};

static _Atomic(struct identity *) in_use;

static void free_identity(struct identity *identity)
{
	if (!identity)
		return;
	for (unsigned i = 0; i < identity->count; i++)
		gnutls_pcert_deinit(&identity->chain[i]);
	if (identity->key)
		gnutls_privkey_deinit(identity->key);
	free(identity);
}

static void free_identity_pointer(struct identity **identity)
{
	free_identity(*identity);
}

static int complain(const char *path, const char *what, int code, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s: %s: %s", path, what, gnutls_strerror(code));
}

/* The id of a public key; false if it has none. */
static bool key_id(gnutls_pubkey_t key, unsigned char out[KEY_ID_BYTES])
{
	size_t size = KEY_ID_BYTES;

	return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, out, &size) == 0;
}

static bool belong_together(const struct identity *identity)
{
	unsigned char mine[KEY_ID_BYTES] = {0}, theirs[KEY_ID_BYTES] = {1};
	gnutls_pubkey_t public;
	bool same;

	if (gnutls_pubkey_init(&public))
		return false;
	same = gnutls_pubkey_import_privkey(public, identity->key, 0, 0) == 0 &&
		key_id(public, mine) && key_id(identity->chain[0].pubkey, theirs) &&
		memcmp(mine, theirs, sizeof(mine)) == 0;
	gnutls_pubkey_deinit(public);
	return same;
}

static gnutls_datum_t datum(const struct str *text)
{
	return (gnutls_datum_t){(unsigned char *)text->data, (unsigned)text->len};
}

static int import_both(struct identity *identity, const char *cert_path, const struct str *cert,
	const char *key_path, const struct str *key, struct err *err)
{
	gnutls_datum_t cert_pem = datum(cert), key_pem = datum(key);
	unsigned count = CHAIN_MAX;
	int code = gnutls_pcert_list_import_x509_raw(
		identity->chain, &count, &cert_pem, GNUTLS_X509_FMT_PEM, 0);

	if (code < 0)
		return complain(cert_path, "no certificates in PEM", code, err);
	identity->count = count;
	code = gnutls_privkey_init(&identity->key);
	if (code == 0)
		code = gnutls_privkey_import_x509_raw(
			identity->key, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (code < 0)
		return complain(key_path, "no private key in PEM", code, err);
	if (!belong_together(identity))
		return err_set(err, ERR_INVALID, "%s is not the key of the first certificate in %s",
			key_path, cert_path);
	return 0;
}

static void wipe(struct str *secret)
{
	mem_wipe(secret->data, secret->len);
	str_release(secret);
}

int daemon_tls_load(const char *cert_path, const char *key_path, struct err *err)
{
	_cleanup_(free_identity_pointer) struct identity *identity =
		mem_calloc(1, sizeof(*identity));
	_cleanup_str_ struct str cert = STR_INIT(PEM_MAX);
	_cleanup_(wipe) struct str key = STR_INIT(PEM_MAX);
	struct identity *now = atomic_load(&in_use);

	if (!identity)
		return err_no_memory(err);
	if (path_read_file(cert_path, PEM_MAX, &cert, err) ||
		path_read_file(key_path, PEM_MAX, &key, err))
		return -1;
	crypt_sha256_two(cert.data, cert.len, key.data, key.len, &identity->files);
	if (now && sha256_compare(&now->files, &identity->files) == 0)
		return 0;
	if (import_both(identity, cert_path, &cert, key_path, &key, err))
		return -1;
	identity->earlier = now;
	atomic_store(&in_use, mem_steal(&identity));
	return 0;
}

static int choose(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
	const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain,
	unsigned *chain_count, gnutls_privkey_t *key)
{
	struct identity *identity = atomic_load(&in_use);

	(void)session;
	(void)authorities;
	(void)count;
	(void)algorithms;
	(void)algorithm_count;
	if (!identity)
		return -1;
	*chain = identity->chain;
	*chain_count = identity->count;
	*key = identity->key;
	return 0;
}

void *daemon_tls_callback(void)
{
	gnutls_certificate_retrieve_function2 *callback = choose;

	return (void *)(uintptr_t)callback;
}

void daemon_tls_release(void)
{
	struct identity *identity = atomic_exchange(&in_use, NULL);

	while (identity) {
		struct identity *earlier = identity->earlier;

		free_identity(identity);
		identity = earlier;
	}
}
