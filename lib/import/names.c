/* names.c - what a file's name alone says.
 *
 * It opens nothing.  Invariant: names are bytes and compared without regard to ASCII case only.
 */
#include "import/internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool ends_in_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_ends_nocase(name, list[i]))
			return true;
	return false;
}

bool name_is_junk(const char *name)
{
	static const char *const junk[] = {".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini",
		".localized", ".picasa.ini", "Picasa.ini", ".nomedia", ".directory", ".apdisk",
		".VolumeIcon.icns"};

	/* AppleDouble: what macOS keeps beside a file on foreign file systems. */
	if (strncmp(name, "._", 2) == 0 && name[2])
		return true;
	return is_one_of(name, junk, ARRAY_LEN(junk));
}

bool name_is_junk_folder(const char *name)
{
	static const char *const junk[] = {"__MACOSX", "@eaDir", ".thumbnails", ".Trashes",
		".Spotlight-V100", ".fseventsd", ".TemporaryItems", ".git", "$RECYCLE.BIN",
		"System Volume Information"};

	return strncmp(name, ".Trash-", 7) == 0 || is_one_of(name, junk, ARRAY_LEN(junk));
}

bool name_is_sidecar(const char *name)
{
	static const char *const endings[] = {".xmp", ".aae"};

	return ends_in_one_of(name, endings, ARRAY_LEN(endings));
}

bool name_is_archive(const char *name)
{
	static const char *const endings[] = {".zip", ".7z", ".tar", ".tgz", ".txz", ".tzst",
		".tbz2", ".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2"};

	return ends_in_one_of(name, endings, ARRAY_LEN(endings));
}

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

bool name_escapes(const char *path)
{
	if (is_separator(path[0]) || (isalpha((unsigned char)path[0]) && path[1] == ':'))
		return true;
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/\\");

		if (len == 2 && p[0] == '.' && p[1] == '.')
			return true;
		p += len + (p[len] != '\0');
	}
	return false;
}

bool name_in_junk(const char *path)
{
	const char *base = path;

	for (const char *p = path; *p; p++) {
		char part[64];

		if (*p != '/')
			continue;
		if ((size_t)(p - base) < sizeof(part)) {
			memcpy(part, base, (size_t)(p - base));
			part[p - base] = '\0';
			if (name_is_junk_folder(part))
				return true;
		}
		base = p + 1;
	}
	return name_is_junk(base);
}

/* The upper half of IBM code page 437, as the Unicode consortium maps it (CP437.TXT). */
static const uint16_t cp437[128] = {0xc7, 0xfc, 0xe9, 0xe2, 0xe4, 0xe0, 0xe5, 0xe7, 0xea, 0xeb,
	0xe8, 0xef, 0xee, 0xec, 0xc4, 0xc5, 0xc9, 0xe6, 0xc6, 0xf4, 0xf6, 0xf2, 0xfb, 0xf9, 0xff,
	0xd6, 0xdc, 0xa2, 0xa3, 0xa5, 0x20a7, 0x192, 0xe1, 0xed, 0xf3, 0xfa, 0xf1, 0xd1, 0xaa, 0xba,
	0xbf, 0x2310, 0xac, 0xbd, 0xbc, 0xa1, 0xab, 0xbb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524,
	0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
	0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569,
	0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552,
	0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x3b1, 0xdf,
	0x393, 0x3c0, 0x3a3, 0x3c3, 0xb5, 0x3c4, 0x3a6, 0x398, 0x3a9, 0x3b4, 0x221e, 0x3c6, 0x3b5,
	0x2229, 0x2261, 0xb1, 0x2265, 0x2264, 0x2320, 0x2321, 0xf7, 0x2248, 0xb0, 0x2219, 0xb7,
	0x221a, 0x207f, 0xb2, 0x25a0, 0xa0};

void name_add_cp437(struct str *out, const char *bytes)
{
	for (const unsigned char *p = (const unsigned char *)bytes; *p; p++) {
		char utf8[4];

		str_add(out, utf8, text_encode_utf8(*p < 0x80 ? *p : cp437[*p - 0x80], utf8));
	}
}
