/* zip_write.h - the records of a zip archive whose entries are stored as they are; see zip_write.c for the source.
 *
 *	zip_add_header(&out, &entry);		then the entry's bytes
 *	...
 *	zip_add_directory(&out, &entry);	once for each entry, in the same order
 *	zip_add_end(&out, count, where, bytes);
 *
 * Records grow to zip64 where a number needs it.
 */
#ifndef PINHOLE_HTTP_ZIP_WRITE_H
#define PINHOLE_HTTP_ZIP_WRITE_H

#include "base/str.h"

struct zip_entry {
	const char *name;       /* UTF-8, with '/' between directories */
	uint64_t bytes, offset; /* offset of its header in the archive */
	uint32_t crc;
	int64_t time_ms; /* since 1970; zip knows no zones */
};

/* Goes on with a checksum (CRC-32 as zip has it); 0 to begin with. */
uint32_t zip_crc(uint32_t crc, const void *bytes, size_t len);

void zip_add_header(struct str *out, const struct zip_entry *entry);
void zip_add_directory(struct str *out, const struct zip_entry *entry);
/* `count` entries; the directory begins at `offset` and has `bytes`. */
void zip_add_end(struct str *out, uint64_t count, uint64_t offset, uint64_t bytes);

#endif
