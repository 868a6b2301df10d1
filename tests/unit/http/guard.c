/* guard.c - tests of what the server refuses to start on. */
#include "http/guard.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static const char mounts[] =
	"22 28 0:20 / /sys rw,nosuid - sysfs sysfs rw\n"
	"28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"40 28 0:44 / /mnt/far rw master:3 shared:9 - fuse.sshfs ada@host:/ rw,user_id=0\n"
	"41 28 8:17 / /mnt/stick rw - fuseblk /dev/sdb1 rw\n"
	"42 28 0:45 / /mnt/odd - name rw - nfs4 host:/x rw\n";

static void test_types(void)
{
	char type[32];

	ok(guard_find_type(mounts, "8:1", type, sizeof(type)), "found");
	is_str(type, "ext4", "its type");
	ok(guard_find_type(mounts, "0:44", type, sizeof(type)), "with optional fields");
	is_str(type, "fuse.sshfs", "its type");
	ok(!guard_find_type(mounts, "0:4", type, sizeof(type)), "no prefix of a device");
	ok(!guard_find_type(mounts, "9:9", type, sizeof(type)), "not there");
	ok(!guard_find_type(mounts, "8:17", type, 4), "too long for its place");
	ok(!guard_find_type("", "8:1", type, sizeof(type)), "no mounts");
	ok(!guard_find_type("x\n\n1 2\n- - -\n", "8:1", type, sizeof(type)), "no mountinfo");
}

static void test_names(void)
{
	is_str(guard_remote_name(0x6969, ""), "NFS", "NFS");
	is_str(guard_remote_name(0xff534d42, ""), "CIFS", "CIFS");
	is_str(guard_remote_name(0xfe534d42, ""), "SMB", "SMB 2");
	is_str(guard_remote_name(0x65735546, "fuse.sshfs"), "fuse.sshfs", "FUSE by its name");
	is_str(guard_remote_name(0x65735546, ""), "FUSE", "FUSE without one");
	is_str(guard_remote_name(0x65735546, "fuseblk"), NULL, "a local disk by FUSE");
	is_str(guard_remote_name(0xef53, "ext4"), NULL, "ext4");
	is_str(guard_remote_name(0x9123683e, "btrfs"), NULL, "btrfs");
	is_str(guard_remote_name(0x58465342, "xfs"), NULL, "xfs");
	is_str(guard_remote_name(0x01021994, "tmpfs"), NULL, "tmpfs");
	is_str(guard_remote_name(0x794c7630, "overlay"), NULL, "overlay");
}

static void test_lock(void)
{
	char dir[] = "/tmp/pinhole-guard.XXXXXX", path[64];
	struct lock_file *first, *second;
	struct err err = ERR_INIT;

	if (!mkdtemp(dir))
		tap_skip_all("no temporary directory");
	ok_call(guard_take_store(dir, &clock_system, &first, &err), &err, "the first server");
	ok(guard_take_store(dir, &clock_system, &second, &err) == -1, "not a second one");
	is_int(err.kind, ERR_LOCKED, "says so");
	snprintf(path, sizeof(path), "process %d", (int)getpid());
	ok(strstr(err.message, path), "and names the first: %s", err.message);
	lock_file_close(first);
	ok_call(guard_take_store(dir, &clock_system, &second, &err), &err, "once it is gone");
	lock_file_close(second);
	snprintf(path, sizeof(path), "%s/serve.lock", dir);
	unlink(path);
	rmdir(dir);
	ok(guard_check_place(dir, &err) == -1 && err.kind == ERR_NOT_FOUND, "no place at all");
}

int main(void)
{
	test_types();
	test_names();
	test_lock();
	return tap_done();
}
