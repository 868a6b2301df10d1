/* guard.c - refuses what cannot be served safely; see guard.h.
 *
 * Sources: statfs(2) and linux/magic.h for the numbers, proc_pid_mountinfo(5) for the format.  Invariant: a file system that
 * we do not know is taken for local, one that we know to be remote never is.
 */
#include "http/guard.h"
#include "base/path.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define MOUNTINFO_MAX ((size_t)4 * 1024 * 1024)
#define MAGIC_FUSE    0x65735546UL

const char *guard_remote_name(unsigned long magic, const char *type)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} remote[] = {
		{0x6969UL, "NFS"},
		{0xff534d42UL, "CIFS"},
		{0xfe534d42UL, "SMB"},
		{0x517bUL, "SMB"},
		{0x00c36400UL, "Ceph"},
		{0x5346414fUL, "AFS"},
		{0x6b414653UL, "AFS"},
		{0x73757245UL, "Coda"},
		{0x0bd00bd0UL, "Lustre"},
		{0x01021997UL, "9P"},
		{0x7461636fUL, "OCFS2"},
		{0x01161970UL, "GFS2"},
		{0x19830326UL, "BeeGFS"},
		{0x47504653UL, "GPFS"},
	};

	for (size_t i = 0; i < ARRAY_LEN(remote); i++)
		if (remote[i].magic == magic)
			return remote[i].name;
	/* "fuseblk" is a local disk (NTFS, exFAT); what other FUSE file systems do, nobody promises. */
	if (magic == MAGIC_FUSE && strcmp(type, "fuseblk") != 0)
		return *type ? type : "FUSE";
	return NULL;
}

/* "36 35 98:0 /root /mnt rw master:1 - ext3 /dev/root rw": fields before the dash vary in number. */
bool guard_find_type(const char *mountinfo, const char *device, char *out, size_t size)
{
	for (const char *line = mountinfo; line && *line;) {
		char where[64];
		const char *dash = strstr(line, " - "), *end = strchr(line, '\n');

		if (dash && (!end || dash < end) && sscanf(line, "%*u %*u %63s", where) == 1 &&
			strcmp(where, device) == 0) {
			size_t len = strcspn(dash + 3, " \n");

			if (len >= size)
				return false;
			memcpy(out, dash + 3, len);
			out[len] = '\0';
			return true;
		}
		line = end ? end + 1 : NULL;
	}
	return false;
}

int guard_check_place(const char *dir, struct err *err)
{
	_cleanup_str_ struct str mounts = STR_INIT(MOUNTINFO_MAX);
	char device[64], type[64] = "";
	const char *name;
	struct statfs fs;
	struct stat st;

	if (statfs(dir, &fs) || stat(dir, &st))
		return err_errno(err, "cannot look at %s", dir);
	if ((unsigned long)fs.f_type == MAGIC_FUSE &&
		path_read_file("/proc/self/mountinfo", MOUNTINFO_MAX, &mounts, NULL) == 0) {
		snprintf(device, sizeof(device), "%u:%u", major(st.st_dev), minor(st.st_dev));
		guard_find_type(mounts.data, device, type, sizeof(type));
	}
	name = guard_remote_name((unsigned long)(uint32_t)fs.f_type, type);
	if (!name)
		return 0;
	err_set(err, ERR_UNSUPPORTED, "%s is on a network file system (%s)", dir, name);
	return err_hint(err,
		"locks do not hold there; keep the store on a local disk and copy it by `pinhole backup`");
}

int guard_take_store(
	const char *dir, const struct clock *clock, struct lock_file **out, struct err *err)
{
	_cleanup_free_ char *path = path_join(dir, "serve.lock");
	struct lock_file *lock;

	if (!path)
		return err_no_memory(err);
	if (lock_file_open(path, &lock, err))
		return -1;
	if (lock_file_take(lock, 0, "serve", clock, err)) {
		lock_file_close(lock);
		return err_prefix(err, "cannot serve this store twice");
	}
	*out = lock;
	return 0;
}
