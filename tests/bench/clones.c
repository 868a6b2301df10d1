/* clones.c - many small distinct JPEGs out of one: each gets a comment segment with its number.
 *
 *	clones FILE.jpg DIR COUNT
 *
 * 200 files a folder.  DIR must not exist; it gets its name when all files are in it.
 */
#include "bench.h"

#include <sys/stat.h>

#define FOLDER_LEN 200
#define SOI_LEN    2
#define COM_LEN    22

static void write_clone(const char *dir, int64_t number, const struct str *jpeg)
{
	_cleanup_str_ struct str path = STR_INIT(4096);
	char segment[64];
	FILE *file;

	str_addf(&path, "%s/%03lld", dir, (long long)(number / FOLDER_LEN));
	mkdir(path.data, 0777);
	str_addf(&path, "/IMG_%06lld.jpg", (long long)number);
	/* COM: ff fe, then two bytes of length that count themselves (ITU T.81 B.2.4.5). */
	snprintf(
		segment, sizeof(segment), "\xff\xfe%c%c%018lld", 0, COM_LEN - 2, (long long)number);
	file = fopen(path.data, "w");
	if (!file || fwrite(jpeg->data, 1, SOI_LEN, file) != SOI_LEN ||
		fwrite(segment, 1, COM_LEN, file) != COM_LEN ||
		fwrite(jpeg->data + SOI_LEN, 1, jpeg->len - SOI_LEN, file) != jpeg->len - SOI_LEN ||
		fclose(file)) {
		perror(path.data);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	_cleanup_str_ struct str jpeg = STR_INIT(1 << 20);
	struct err err = ERR_INIT;
	_cleanup_str_ struct str part = STR_INIT(4096);
	int64_t count;

	if (argc != 4)
		return 2;
	count = bench_number(argv[3]);
	bench_try(path_read_file(argv[1], 1 << 20, &jpeg, &err));
	str_addf(&part, "%s.part", argv[2]);
	bench_try(path_make_dirs(part.data, 0777, &err));
	for (int64_t i = 0; i < count; i++)
		write_clone(part.data, i, &jpeg);
	if (rename(part.data, argv[2])) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
