/* Error kinds, messages without control characters, hints, and the log's lines. */
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "tap.h"

#include <errno.h>

static void test_set(void)
{
	struct err err = ERR_INIT;

	is_int(err_set(&err, ERR_NOT_FOUND, "no album called %s", "beach"), -1, "always -1");
	ok(err.kind == ERR_NOT_FOUND, "kind");
	is_str(err.message, "no album called beach", "message");
	is_str(err.hint, "", "no hint");
	is_int(err_hint(&err, "try %d", 7), -1, "a hint");
	is_str(err.hint, "try 7", "is kept");
	is_int(err_prefix(&err, "line %d", 3), -1, "context");
	is_str(err.message, "line 3: no album called beach", "stands before");
	is_str(err.hint, "try 7", "and the hint stays");
	err_set(&err, ERR_FAILED, "other");
	is_str(err.hint, "", "a new error has no old hint");
	err_clear(&err);
	ok(err.kind == ERR_NONE && !err.message[0], "clear");
	is_int(err_set(NULL, ERR_FAILED, "x") + err_errno(NULL, "x") + err_hint(NULL, "x") +
			err_prefix(NULL, "x"),
		-4, "NULL loses the cause but not the answer");
}

static void test_errno(void)
{
	static const struct {
		int number;
		enum err_kind kind;
	} wanted[] = {{ENOENT, ERR_NOT_FOUND}, {EACCES, ERR_DENIED}, {EPERM, ERR_DENIED},
		{ENOSPC, ERR_NO_SPACE}, {EDQUOT, ERR_NO_SPACE}, {ENOMEM, ERR_NO_MEMORY},
		{EINTR, ERR_INTERRUPTED}, {EIO, ERR_FAILED}};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		errno = wanted[i].number;
		ok(err_errno(&err, "step %zu", i) == -1 && err.kind == wanted[i].kind, "%s: %s",
			err_kind_name(err.kind), err.message);
	}
	errno = ENOENT;
	err_errno(&err, "cannot open %s", "a");
	is_str(err.message, "cannot open a: No such file or directory", "the reason is told");
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static void test_hostile(void)
{
	static char longer[5000];
	struct err err = ERR_INIT;

	err_set(&err, ERR_FAILED, "%s", "a\x1b[31mb\nc\rd\x7f\xc2\x9b!");
	ok(!has_control(err.message), "control characters are replaced: %s", err.message);
	ok(!strstr(err.message, "\xc2\x9b"), "C1 controls too");
	err_prefix(&err, "\x1b]0;x\a");
	ok(!has_control(err.message), "also in a prefix");
	err_hint(&err, "\x1b[2J");
	ok(!has_control(err.hint), "and in a hint");
	for (size_t i = 0; i < sizeof(longer) - 3; i += 2)
		memcpy(longer + i, "\xc3\xa9", 3);
	for (size_t shift = 0; shift < 2; shift++) {
		err_set(&err, ERR_FAILED, "%s%s", shift ? "x" : "", longer);
		ok(text_is_utf8(err.message, strlen(err.message)),
			"a cut message ends on a character");
		err_prefix(&err, "before");
		ok(text_is_utf8(err.message, strlen(err.message)), "also behind a prefix");
	}
	errno = ENOENT;
	err_errno(&err, "%s", longer);
	ok(strlen(err.message) < sizeof(err.message), "errno after a long message fits");
}

static void test_kinds(void)
{
	ok(err_exit_code(ERR_NONE) == 0 && err_exit_code(ERR_FAILED) == 1 &&
			err_exit_code(ERR_USAGE) == 2 && err_exit_code(ERR_PARTIAL) == 3 &&
			err_exit_code(ERR_DENIED) == 4 && err_exit_code(ERR_NOT_FOUND) == 5 &&
			err_exit_code(ERR_CONFLICT) == 6 && err_exit_code(ERR_DAMAGED) == 7 &&
			err_exit_code(ERR_OFFLINE) == 8 && err_exit_code(ERR_NO_STORE) == 10 &&
			err_exit_code(ERR_LOCKED) == 11 && err_exit_code(ERR_NO_SPACE) == 13 &&
			err_exit_code(ERR_TOO_NEW) == 14 && err_exit_code(ERR_INTERRUPTED) == 130,
		"exit codes are those of the manual");
	for (int kind = 0; kind < ERR_KIND_COUNT; kind++) {
		const char *name = err_kind_name((enum err_kind)kind);

		ok(name && *name, "kind %d has a name", kind);
		for (int other = 0; other < kind; other++)
			if (strcmp(name, err_kind_name((enum err_kind)other)) == 0)
				ok(0, "%s is the name of two kinds", name);
	}
	ok(err_is_temporary(ERR_OFFLINE) && err_is_temporary(ERR_LOCKED) &&
			!err_is_temporary(ERR_INVALID),
		"what may be retried");
}

static void note_line(void *data, enum log_level level, const char *line)
{
	struct str *lines = data;

	str_addf(lines, "%d:%s;", (int)level, line);
}

static void test_log(void)
{
	_cleanup_str_ struct str lines = STR_INIT(100000);
	struct log log = {.level = LOG_WARNING, .sink = note_line, .data = &lines};

	log_print(&log, LOG_INFO, "not this");
	log_print(&log, LOG_WARNING, "file %s", "a\x1b\nb");
	log_print(NULL, LOG_ERROR, "nowhere");
	is_str(lines.data, "1:file a\\x1b\\nb;", "levels are kept apart, controls made visible");
	str_clear(&lines);
	log_print(&log, LOG_ERROR, "begin %06000d", 1);
	ok(lines.len > 4000 && text_starts(lines.data, "0:begin 000"),
		"a long line is cut, not lost");
}

int main(void)
{
	test_set();
	test_errno();
	test_hostile();
	test_kinds();
	test_log();
	return tap_done();
}
