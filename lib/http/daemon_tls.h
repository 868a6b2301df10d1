/* daemon_tls.h - the certificate that new TLS connections are greeted with; it may be renewed while the server runs.
 *
 *	daemon_tls_load(cert, key, err);	before daemon_open, and again when the files changed
 *	... daemon_tls_callback() for libmicrohttpd ...
 *	daemon_tls_release();			when no connection is left
 */
#ifndef PINHOLE_HTTP_DAEMON_TLS_H
#define PINHOLE_HTTP_DAEMON_TLS_H

#include "base/err.h"

/* Reads PEM files: the certificates, the server's own first, and its private key.  INVALID if they are none or do not
 * belong together; then the former ones stay in use. */
int daemon_tls_load(const char *cert_path, const char *key_path, struct err *err);
/* A gnutls_certificate_retrieve_function2. */
void *daemon_tls_callback(void);
void daemon_tls_release(void);

#endif
