/* zip_write.c - a zip archive's records, after PKWARE's APPNOTE 6.3 (4.3.7, 4.3.12, 4.3.14 - 4.3.16, 4.5.3).
 *
 * Entries are stored, not compressed: photos and videos do not shrink.  It reads no files.  Invariant: sizes and
 * checksum stand in the header before the bytes, so that an archive can be unpacked while it arrives.
 */
#include "http/zip_write.h"
#include "base/time.h"

#include <pthread.h>
#include <string.h>

#define MOST_16 0xffffu
#define MOST_32 0xffffffffu

#define VERSION_STORED 20
#define VERSION_ZIP64  45
#define MADE_BY_UNIX   (3 << 8 | VERSION_ZIP64)
#define FLAG_UTF8      (1 << 11)
#define MODE_FILE      (0100644u << 16)
#define EXTRA_ZIP64    1

/* --- checksums ---------------------------------------------------------------------------- */

/* tables[k][b]: the checksum of byte b and k zero bytes behind it, so that eight bytes go at once. */
static uint32_t tables[8][256];
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t c = b;

		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
		tables[0][b] = c;
	}
	for (size_t k = 1; k < 8; k++)
		for (size_t b = 0; b < 256; b++)
			tables[k][b] = tables[k - 1][b] >> 8 ^ tables[0][tables[k - 1][b] & 0xff];
}

static uint32_t little_32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t zip_crc(uint32_t crc, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	pthread_once(&tables_made, make_tables);
	crc = ~crc;
	for (; len >= 8; p += 8, len -= 8) {
		uint32_t low = little_32(p) ^ crc, high = little_32(p + 4);

		crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^
			tables[5][low >> 16 & 0xff] ^ tables[4][low >> 24] ^
			tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
			tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
	}
	while (len--)
		crc = crc >> 8 ^ tables[0][(crc ^ *p++) & 0xff];
	return ~crc;
}

/* --- records ------------------------------------------------------------------------------ */

static void put(struct str *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		str_addc(out, (char)(uint8_t)(value >> 8 * i));
}

/* MS-DOS has years from 1980 and every second second. */
static void put_time(struct str *out, int64_t time_ms)
{
	struct civil c;

	time_to_civil(time_ms, &c);
	if (c.year < 1980 || c.year > 2107)
		c = (struct civil){.year = c.year < 1980 ? 1980 : 2107, .month = 1, .day = 1};
	put(out, (uint64_t)(c.hour << 11 | c.minute << 5 | c.second / 2), 2);
	put(out, (uint64_t)((c.year - 1980) << 9 | c.month << 5 | c.day), 2);
}

/* From the version needed to the checksum, as header and directory have it. */
static void put_common(struct str *out, const struct zip_entry *entry, bool zip64)
{
	put(out, zip64 ? VERSION_ZIP64 : VERSION_STORED, 2);
	put(out, FLAG_UTF8, 2);
	put(out, 0, 2); /* stored */
	put_time(out, entry->time_ms);
	put(out, entry->crc, 4);
}

static uint32_t clip(uint64_t value)
{
	return value < MOST_32 ? (uint32_t)value : MOST_32;
}

void zip_add_header(struct str *out, const struct zip_entry *entry)
{
	bool zip64 = entry->bytes >= MOST_32;
	size_t name_len = strlen(entry->name);

	str_add(out, "PK\3\4", 4);
	put_common(out, entry, zip64);
	put(out, clip(entry->bytes), 4);
	put(out, clip(entry->bytes), 4);
	put(out, name_len, 2);
	put(out, zip64 ? 20 : 0, 2);
	str_add(out, entry->name, name_len);
	if (!zip64)
		return;
	put(out, EXTRA_ZIP64, 2);
	put(out, 16, 2);
	put(out, entry->bytes, 8);
	put(out, entry->bytes, 8);
}

void zip_add_directory(struct str *out, const struct zip_entry *entry)
{
	bool large = entry->bytes >= MOST_32, far = entry->offset >= MOST_32;
	size_t name_len = strlen(entry->name), extra = (large ? 16u : 0u) + (far ? 8u : 0u);

	str_add(out, "PK\1\2", 4);
	put(out, MADE_BY_UNIX, 2);
	put_common(out, entry, extra != 0);
	put(out, clip(entry->bytes), 4);
	put(out, clip(entry->bytes), 4);
	put(out, name_len, 2);
	put(out, extra ? extra + 4 : 0, 2);
	put(out, 0, 2 + 2 + 2); /* comment, disk, internal attributes */
	put(out, MODE_FILE, 4);
	put(out, clip(entry->offset), 4);
	str_add(out, entry->name, name_len);
	if (extra) {
		put(out, EXTRA_ZIP64, 2);
		put(out, extra, 2);
	}
	if (large) {
		put(out, entry->bytes, 8);
		put(out, entry->bytes, 8);
	}
	if (far)
		put(out, entry->offset, 8);
}

static void put_end_64(struct str *out, uint64_t count, uint64_t offset, uint64_t bytes)
{
	str_add(out, "PK\6\6", 4);
	put(out, 44, 8); /* what follows of this record */
	put(out, MADE_BY_UNIX, 2);
	put(out, VERSION_ZIP64, 2);
	put(out, 0, 4 + 4); /* disks */
	put(out, count, 8);
	put(out, count, 8);
	put(out, bytes, 8);
	put(out, offset, 8);
	str_add(out, "PK\6\7", 4); /* where that record is */
	put(out, 0, 4);
	put(out, offset + bytes, 8);
	put(out, 1, 4);
}

void zip_add_end(struct str *out, uint64_t count, uint64_t offset, uint64_t bytes)
{
	uint64_t few = count < MOST_16 ? count : MOST_16;

	if (count >= MOST_16 || offset >= MOST_32 || bytes >= MOST_32)
		put_end_64(out, count, offset, bytes);
	str_add(out, "PK\5\6", 4);
	put(out, 0, 2 + 2); /* disks */
	put(out, few, 2);
	put(out, few, 2);
	put(out, clip(bytes), 4);
	put(out, clip(offset), 4);
	put(out, 0, 2);
}
