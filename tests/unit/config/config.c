/* config.c - tests of settings: the table, types, files kept as they are, origins, secrets. */
#include "config/config.h"
#include "config/file.h"
#include "base/path.h"
#include "tap.h"

#include <sys/stat.h>
#include <unistd.h>

static const char *const colors[] = {"red", "green", NULL};

static const struct config_key keys[] = {
	{.name = "a.text", .type = CONFIG_TEXT, .value = "x", .help = "h"},
	{.name = "a.number", .type = CONFIG_INT, .value = "5", .min = 1, .max = 9, .help = "h"},
	{.name = "a.size", .type = CONFIG_SIZE, .value = "1k", .min = 10, .help = "h"},
	{.name = "a.switch", .type = CONFIG_BOOL, .value = "no", .help = "h"},
	{.name = "a.wait", .type = CONFIG_DURATION, .value = "2m", .max = 86400, .help = "h"},
	{.name = "a.color", .type = CONFIG_CHOICE, .value = "red", .choices = colors, .help = "h"},
	{.name = "a.dirs", .type = CONFIG_LIST, .value = "", .help = "h"},
	{.name = "mail.pass-word", .type = CONFIG_TEXT, .value = "", .secret = true, .help = "h"},
};
static const struct config_table table = {keys, sizeof(keys) / sizeof(keys[0])};

static struct err err;
static char dir[] = "/tmp/pinhole-config.XXXXXX";

/* A file in the test's directory. */
static char *in_dir(const char *name)
{
	return path_join(dir, name);
}

static void write_text(const char *name, const char *text, mode_t mode)
{
	char *path = in_dir(name);

	ok_call(path_write_file(path, text, strlen(text), mode, &err), &err, "wrote %s", name);
	chmod(path, mode);
	free(path);
}

static void is_file(const char *name, const char *want, const char *what)
{
	struct str text = STR_INIT(STR_MAX_LINE);
	char *path = in_dir(name);

	path_read_file(path, STR_MAX_LINE, &text, &err);
	is_str(text.data, want, "%s", what);
	str_release(&text);
	free(path);
}

static void test_own_table(void)
{
	struct config *config = config_new(&config_table, &err);

	for (size_t i = 0; i < config_table.count; i++) {
		const struct config_key *key = &config_table.keys[i];

		if (key->type == CONFIG_LIST)
			ok(!*key->value, "%s: the default of a list is empty", key->name);
		else
			ok_call(config_check_value(key, key->value, &err), &err,
				"%s: the default is a value", key->name);
		ok(key->help && *key->help && strchr(key->name, '.'), "%s: name and help",
			key->name);
	}
	is_int(config_size(config, "ingest.max-file-size"), 4ll << 30, "a size by default");
	is_int(config_int(config, "thumb.size"), 320, "a number by default");
	is_int(config_choice(config, "variant.format"), 0, "a choice by default");
	config_free(config);
}

static void test_types(void)
{
	static const struct {
		const char *key, *good, *bad;
	} cases[] = {
		{"a.number", "9", "10"},
		{"a.number", "1", "0"},
		{"a.number", "3", "3.5"},
		{"a.size", "10M", "9"},
		{"a.size", "99G", "16E"},
		{"a.switch", "On", "maybe"},
		{"a.switch", "0", ""},
		{"a.wait", "24h", "25h"},
		{"a.wait", "90", "h"},
		{"a.color", "green", "Green"},
		{"a.text", "", "a\033[1m"},
		{"a.text", "tab\tand\nnewline", "\x7f"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct config_key *key = config_find_key(&table, cases[i].key);

		ok_call(config_check_value(key, cases[i].good, &err), &err, "%s takes value %zu",
			key->name, i);
		ok(config_check_value(key, cases[i].bad, &err) && err.kind == ERR_INVALID,
			"%s refuses value %zu", key->name, i);
		ok(text_starts(err.message, key->name), "... and says whose it is");
	}
	ok(!config_need_key(&table, "a.numer", &err), "an unknown key");
	is_str(err.hint, "did you mean a.number?", "what was meant");
}

static void test_values(void)
{
	static const char *const environment[] = {"PINHOLE_A_DIRS=/x::/y", "PINHOLE_A_WAIT=3h",
		"PINHOLE_A_TEXTS=no", "OTHER=1", NULL};
	struct config *config = config_new(&table, &err);
	const char *const *list;
	const char *where;
	size_t count;

	is_int(config_int(config, "a.wait"), 120, "a duration in seconds");
	ok(!config_bool(config, "a.switch"), "a switch");
	ok_call(config_put(config, CONFIG_FLAG, "a.switch", "yes", &err), &err,
		"an option's value");
	ok(config_bool(config, "a.switch"), "is in force");
	ok_call(config_load_env(config, environment, &err), &err, "the environment");
	is_int(config_int(config, "a.wait"), 10800, "sets values");
	is_str(config_text(config, "a.text"), "x", "by whole names only");
	list = config_list(config, "a.dirs", &count);
	ok(count == 2 && !strcmp(list[1], "/y"), "and lists, without their empty entries");
	is_int(config_origin(config, "a.wait", &where), CONFIG_ENV, "the origin");
	is_str(where, "PINHOLE_A_WAIT", "and the place are known");
	is_int(config_origin(config, "a.switch", &where), CONFIG_FLAG, "an option");
	ok(!where, "has no place");
	ok_call(config_put(config, CONFIG_USER, "a.switch", "no", &err), &err, "a lower origin");
	ok(config_bool(config, "a.switch"), "does not win");
	ok_call(config_put(config, CONFIG_FLAG, "a.dirs", "/z", &err), &err, "a higher one");
	list = config_list(config, "a.dirs", &count);
	ok(count == 1 && !strcmp(list[0], "/z"), "replaces a list as a whole");
	config_list(config, "no.such", &count);
	is_int(count, 0, "what is not in the table is empty");
	config_free(config);
}

/* Parses a text and answers the message of its refusal, "" when it is good. */
static const char *parse_text(struct config_file *file, const char *text)
{
	err_clear(&err);
	*file = (struct config_file)CONFIG_FILE_INIT;
	return config_file_parse(file, "F", text, strlen(text), &err) ? err.message : "";
}

static void is_value(const char *text, const char *key, const char *value, const char *what)
{
	struct config_file file;
	const struct config_line *found = NULL;

	is_str(parse_text(&file, text), "", "read: %s", what);
	vec_foreach (&file.lines, struct config_line, line)
		if (line->key && !strcmp(line->key, key))
			found = line;
	is_str(found ? found->value : NULL, value, "%s", what);
	config_file_release(&file);
}

static void test_syntax(void)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{"a = 1\n", "F:1: a setting stands before the first [section]"},
		{"[a]\n\n[b\n", "F:3: a section's name ends with ]"},
		{"[]\n", "F:1: a section needs a name of letters, digits and -"},
		{"[a] b = 1\n", "F:1: nothing may stand behind a section's ]"},
		{"[a \"b]\n", "F:1: a quote is not closed"},
		{"[a]\nb\n", "F:2: expected = after the key"},
		{"[a]\n= 1\n", "F:2: expected a [section], a comment or KEY = VALUE"},
		{"[a]\nb = \"1\n", "F:2: a quote is not closed"},
		{"[a]\nb = \\x\n", "F:2: after \\ comes one of n, t, \" and \\"},
		{"[a]\nb = 1\\", "F:2: after \\ comes one of n, t, \" and \\"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct config_file file;

		is_str(parse_text(&file, bad[i].text), bad[i].message, "refused with its place");
		config_file_release(&file);
	}
	is_value("[S]\nKey=v\n", "s.key", "v", "names in lower case");
	is_value("[s]\nkey =  a b  ; note\n", "s.key", "a b", "spaces and comments around a value");
	is_value("[s]\nkey = \" a # b \" # note\n", "s.key", " a # b ", "a quoted value");
	is_value("[s]\nkey = a\" \"b\n", "s.key", "a b", "quotes inside");
	is_value("[s]\nkey = \\n\\t\\\"\\\\\n", "s.key", "\n\t\"\\", "escapes");
	is_value("[s]\nkey =\n", "s.key", "", "an empty value");
	is_value("[s]\r\nkey = v\r\n", "s.key", "v", "lines of another system");
	is_value("\xef\xbb\xbf[s]\nkey = v", "s.key", "v", "a byte order mark, no last newline");
	is_value("[r \"My Host\"]\nurl = u\n", "r.My Host.url", "u", "a subsection keeps its case");
}

static void test_changes(void)
{
	const char *one[] = {"new"}, *two[] = {"/a;b", " c "};
	struct str text = STR_INIT(STR_MAX_LINE);
	struct config_file file;
	size_t removed;

	parse_text(&file, "# top\n[a] ; note\n\n\tx = 1 # old\n\ty = 2\n\n# end of a\n[b]\nz=3\n");
	ok_call(config_file_put(&file, "a.x", one, 1, &err), &err, "a value changes in its place");
	ok_call(config_file_put(&file, "a.w", one, 1, &err), &err, "a new one ends its section");
	ok_call(config_file_put(&file, "c.list", two, 2, &err), &err,
		"a new section ends the file");
	ok_call(config_file_put(&file, "r.My \"Host\".url", one, 1, &err), &err, "a subsection");
	config_file_drop(&file, "b.z", &removed);
	is_int(removed, 1, "a value goes");
	ok_call(config_file_format(&file, &text, &err), &err, "written");
	is_str(text.data,
		"# top\n[a] ; note\n\n\tx = new\n\ty = 2\n\tw = new\n\n# end of a\n[b]\n"
		"[c]\n\tlist = \"/a;b\"\n\tlist = \" c \"\n[r \"My \\\"Host\\\"\"]\n\turl = new\n",
		"all else is kept");
	config_file_release(&file);
	is_value(text.data, "r.My \"Host\".url", "new", "what was written is read");
	is_value(text.data, "c.list", " c ", "quotes too");
	str_release(&text);
}

static void test_files(void)
{
	struct config *config = config_new(&table, &err);
	char *path = in_dir("config"), *absent = in_dir("absent");
	const char *value[] = {"7"}, *secret[] = {"pa#ss"};
	const char *const *unknown;
	const char *where;
	struct stat st;
	size_t count;
	char *secrets;

	ok_call(config_load_file(config, CONFIG_USER, absent, &err), &err,
		"an absent file is fine");
	write_text("config", "[a]\nnumber = 3\nnumbre = 4\ndirs = /x\ndirs = /y\n", 0640);
	ok_call(config_load_file(config, CONFIG_STORE, path, &err), &err, "a file");
	is_int(config_int(config, "a.number"), 3, "is read");
	is_int(config_origin(config, "a.number", &where), CONFIG_STORE, "with its origin");
	is_str(where, path, "and its path");
	config_list(config, "a.dirs", &count);
	is_int(count, 2, "a list is several lines");
	unknown = config_unknown(config, &count);
	ok(count == 1 && text_starts(unknown[0], "a.numbre ("), "an unknown key is told");
	config_free(config);

	ok_call(config_file_set(&table, path, "a.number", value, 1, &err), &err, "set");
	is_file("config", "[a]\n\tnumber = 7\nnumbre = 4\ndirs = /x\ndirs = /y\n", "written");
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640, "with the mode that it had");
	ok(config_file_set(&table, path, "a.number", secret, 1, &err), "a bad value");
	ok(config_file_set(&table, path, "no.key", value, 1, &err), "an unknown key");
	ok_call(config_file_unset(&table, path, "a.numbre", &err), &err, "unknown keys can go");
	is_file("config", "[a]\n\tnumber = 7\ndirs = /x\ndirs = /y\n",
		"what was refused left no trace");
	ok(config_file_unset(&table, path, "a.text", &err) && err.kind == ERR_NOT_FOUND,
		"what is not set cannot go");

	ok_call(config_file_set(&table, path, "mail.pass-word", secret, 1, &err), &err, "a secret");
	secrets = in_dir("config.secret");
	ok(stat(secrets, &st) == 0 && (st.st_mode & 0777) == 0600, "has a file of its own");
	config = config_new(&table, &err);
	ok_call(config_load_file(config, CONFIG_STORE, path, &err), &err, "both files are read");
	is_str(config_text(config, "mail.pass-word"), "pa#ss", "the secret, too");
	chmod(secrets, 0640);
	ok(config_load_file(config, CONFIG_STORE, path, &err) && err.kind == ERR_DENIED,
		"not when others may read it");
	chmod(secrets, 0600);
	ok_call(config_file_unset(&table, path, "mail.pass-word", &err), &err, "a secret goes");
	is_file("config.secret", "[mail]\n", "from its file");
	write_text("config", "[mail]\npass-word = x\n", 0600);
	ok(config_load_file(config, CONFIG_STORE, path, &err) && err.kind == ERR_INVALID,
		"a secret outside of its file is refused");
	config_free(config);
	unlink(path);
	unlink(secrets);
	free(path);
	free(absent);
	free(secrets);
}

int main(void)
{
	if (!mkdtemp(dir))
		tap_skip_all("no temporary directory");
	test_own_table();
	test_types();
	test_values();
	test_syntax();
	test_changes();
	test_files();
	rmdir(dir);
	return tap_done();
}
