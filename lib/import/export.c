/* export.c - packs an album's files; names are export_plan.c's, album.json is export_json.c's.
 *
 * Invariant: all is read in one transaction, so the files, the sidecars and album.json tell of one instant.
 */
#include "import/export.h"
#include "base/path.h"
#include "import/album_json.h"
#include "import/export_internal.h"
#include "import/pack.h"
#include "import/xmp.h"
#include "proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XMP_MAX ((size_t)1024 * 1024)

/* The file that album.json grows in, beside the export.  It keeps its name (*name, else NULL) only where the
 * pack will link to it. */
static FILE *scratch(const char *path, bool named, char **name, struct err *err)
{
	_cleanup_free_ char *beside = mem_strndup(path, (size_t)(path_base(path) - path));
	_cleanup_free_ char *temporary = NULL;
	FILE *file;
	int fd;

	temporary = beside ? path_join(*beside ? beside : ".", ".pinhole-export-XXXXXX") : NULL;
	if (!temporary) {
		err_no_memory(err);
		return NULL;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	file = fd >= 0 ? fdopen(fd, "w+") : NULL;
	if (!file)
		err_errno(err, "cannot write beside %s", path);
	if (file && named && fchmod(fd, 0644) == 0)
		*name = mem_steal(&temporary);
	else if (fd >= 0)
		unlink(temporary);
	return file;
}

static int add_album_json(struct export *ex, struct pack *pack, FILE *file, struct err *err)
{
	struct stat st;

	if (export_album_json(ex, file, err))
		return -1;
	if (fstat(fileno(file), &st))
		return err_errno(err, "cannot examine " ALBUM_JSON);
	return pack_add_file(pack, ALBUM_JSON, fileno(file), (uint64_t)st.st_size,
		clock_now_ms(ex->store->clock), NULL, err);
}

/* The sidecar of a file, out of its photo's entry. */
static int add_sidecar(
	struct export *ex, struct pack *pack, const struct export_file *file, struct err *err)
{
	_cleanup_export_photos_ struct export_photos photos = EXPORT_PHOTOS_INIT;
	_cleanup_str_ struct str xmp = STR_INIT(XMP_MAX), name = STR_INIT(STR_MAX_LINE);
	_cleanup_json_ json_t *entry = NULL;

	str_addf(&name, "%s.xmp", file->name);
	if (str_check(&name, err) || export_photos_open(ex, &file->photo, &photos, err) ||
		export_photos_next(ex, &photos, &entry, err) < 0 || xmp_write(entry, &xmp, err))
		return -1;
	return pack_add_bytes(pack, name.data, xmp.data, xmp.len, file->mtime_ms, err);
}

static int add_original(
	struct export *ex, struct pack *pack, const struct export_file *file, struct err *err)
{
	_cleanup_close_ int fd = object_open(ex->store->objects, &file->part, err);

	if (fd < 0 ||
		pack_add_file(pack, file->name, fd, file->bytes, file->mtime_ms, &file->part, err))
		return -1;
	return file->sidecar ? 0 : add_sidecar(ex, pack, file, err);
}

static int add_originals(struct export *ex, struct pack *pack, struct err *err)
{
	uint64_t files = 0, bytes = 0;

	vec_foreach (&ex->files, struct export_file, file) {
		if (file->absent)
			continue;
		if (proc_stop_check(err) || add_original(ex, pack, file, err))
			return -1;
		bytes += file->bytes;
		files++;
		if (ex->watch && ex->watch->progress)
			ex->watch->progress(
				ex->watch->data, files, ex->result.files, bytes, ex->result.bytes);
	}
	return 0;
}

static int fill(
	struct export *ex, struct pack *pack, const char *path, bool linked, struct err *err)
{
	_cleanup_free_ char *name = NULL;
	FILE *file = scratch(path, linked, &name, err);
	int failed;

	if (!file)
		return -1;
	failed = export_plan(ex, err) || add_album_json(ex, pack, file, err) ||
		add_originals(ex, pack, err);
	fclose(file);
	if (name)
		unlink(name);
	return failed ? -1 : 0;
}

static int make(
	struct export *ex, const char *path, const struct export_options *options, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	bool linked = options->hard_link && pack_kind_of(path) == PACK_FOLDER;
	struct pack *pack;

	if (db_begin_read(ex->store->db, &tx, err) ||
		pack_open(path, pack_kind_of(path), linked, &pack, err))
		return -1;
	if (fill(ex, pack, path, linked, err)) {
		pack_abort(pack);
		return -1;
	}
	return pack_close(pack, err);
}

/* "dir" without slashes at its end. */
static char *plain_path(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return mem_strndup(path, len);
}

int export_album(struct store *store, const struct album_ref *album, const char *path,
	const struct export_options *options, const struct export_watch *watch,
	struct export_result *out, struct err *err)
{
	struct export ex = {.store = store,
		.album = *album,
		.watch = watch,
		.files = VEC_INIT(struct export_file, EXPORT_FILES_MAX),
		.lookup = VEC_INIT(struct export_file *, EXPORT_FILES_MAX)};
	_cleanup_free_ char *target = plain_path(path);
	int failed = target ? make(&ex, target, options, err) : err_no_memory(err);

	export_plan_release(&ex);
	if (failed)
		return -1;
	*out = ex.result;
	return 0;
}
