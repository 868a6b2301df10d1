/* chain.c - digests of events and the chain over an album's log.
 *
 * The digest covers every field that replicas must agree on.  The body counts by its salted hash
 * alone, so that an erased event still proves its place and tells nothing of its words.
 *
 *   digest = SHA-256("pinhole-event-1\n", album, id, len kind, kind, len about, about, author,
 *                    device, time, seq, at, SHA-256(salt, body))     integers: 8 bytes, big endian
 *   chain  = SHA-256(chain before, digest)                           32 zero bytes before the first
 */
#include "event/internal.h"

#include <string.h>

static uint8_t *put(uint8_t *to, const void *bytes, size_t len)
{
	memcpy(to, bytes, len);
	return to + len;
}

static uint8_t *put_int(uint8_t *to, int64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		*to++ = (uint8_t)((uint64_t)value >> shift);
	return to;
}

static uint8_t *put_counted(uint8_t *to, const void *bytes, size_t len)
{
	*to++ = (uint8_t)len; /* kinds and entities are shorter than 256 bytes */
	return put(to, bytes, len);
}

void event_digest(const struct event *e, const struct uuid *album, struct sha256 *out)
{
	static const char version[] = "pinhole-event-1\n";
	uint8_t bytes[256], *p = bytes;

	_Static_assert(16 + 2 * 16 + 1 + EVENT_KIND_MAX + 1 + 32 + 2 * 16 + 3 * 8 + 32 <= 256,
		"all fields fit");
	p = put(p, version, sizeof(version) - 1);
	p = put(p, album->bytes, 16);
	p = put(p, e->id.bytes, 16);
	p = put_counted(p, e->kind, strlen(e->kind));
	p = put_counted(p, e->about.bytes, e->about.len);
	p = put(p, e->author.bytes, 16);
	p = put(p, e->device.bytes, 16);
	p = put_int(p, e->time);
	p = put_int(p, e->seq);
	p = put_int(p, e->at);
	p = put(p, e->body_hash.bytes, SHA256_LEN);
	crypt_sha256(bytes, (size_t)(p - bytes), out);
}

void event_chain(const struct sha256 *before, const struct sha256 *digest, struct sha256 *out)
{
	crypt_sha256_two(before->bytes, SHA256_LEN, digest->bytes, SHA256_LEN, out);
}

void event_hash_body(struct event *e)
{
	if (e->body)
		crypt_sha256_two(e->salt, EVENT_SALT_LEN, e->body, e->body_len, &e->body_hash);
}

int event_verify(struct db *db, int64_t album, int64_t *checked, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct album_facts facts;
	struct sha256 chain = {{0}}, digest;
	struct event e;
	int64_t seq = 0;
	int more = event_album_get(db, album, &facts, err);

	if (more == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (more < 0 || event_read(db, album, 1, EVENT_PLACE_PENDING, &reader, err))
		return -1;
	while ((more = event_next(reader, &e, err)) == 1) {
		if (e.seq != ++seq)
			return err_set(err, ERR_DAMAGED, "event %lld is missing", (long long)seq);
		event_hash_body(&e);
		event_digest(&e, &facts.id, &digest);
		event_chain(&chain, &digest, &chain);
		if (sha256_compare(&chain, &e.chain))
			return err_set(err, ERR_DAMAGED, "event %lld does not fit the chain",
				(long long)seq);
	}
	if (more < 0)
		return -1;
	if (seq != facts.head || sha256_compare(&chain, &facts.chain))
		return err_set(err, ERR_DAMAGED, "the log ends at event %lld, its head says %lld",
			(long long)seq, (long long)facts.head);
	*checked = seq;
	return 0;
}
