/* editing.c - tests of the editor and the pager: what is kept of a text, what failures mean.
 *
 * Commands are not in the library, so the source is included here.
 */
#include "editor.c"
#include "tap.h"

static struct err err;

/* The settings by default; the frame's own reads the machine's files. */
const struct config *cmd_config(struct cmd_ctx *ctx, struct err *error)
{
	if (!ctx->config)
		ctx->config = config_new(&config_table, error);
	return ctx->config;
}

static void is_stripped(const char *raw_text, const char *want, const char *what)
{
	struct str raw = STR_INIT(1000), text = STR_INIT(1000);

	str_addz(&raw, raw_text);
	strip_comments(&raw, &text);
	is_str(text.data, want, "%s", what);
	str_release(&raw);
	str_release(&text);
}

static void test_strip(void)
{
	is_stripped("", "", "nothing");
	is_stripped("one", "one", "no last newline");
	is_stripped("\n\n# help\none\n\n# help\ntwo #2\n\n\n# end\n", "one\n\ntwo #2",
		"comment lines and outer blank lines go, inner ones stay");
	is_stripped("# only\n#comments", "", "comments alone are nothing");
}

static void test_editor(void)
{
	struct str text = STR_INIT(1000);
	char dir[] = "/tmp/pinhole-editing.XXXXXX";
	char *path;

	if (!mkdtemp(dir))
		tap_skip_all("no temporary directory");
	path = path_join(dir, "a 'b\" $c");
	ok_call(edit_file("printf 'new\\n' >>", path, "old\n", &text, &err), &err,
		"a command with options, a name with quotes");
	is_str(text.data, "old\nnew", "the text is what the editor left");
	str_clear(&text);
	ok(edit_file("false", path, "old\n", &text, &err), "an editor that fails");
	is_str(err.message, "the editor \"false\" failed, nothing was sent", "is told");
	is_int(text.len, 0, "and gives no text");
	ok(edit_file("rm", path, "old\n", &text, &err) && err.kind == ERR_NOT_FOUND,
		"an editor that takes the file away");
	rmdir(dir);
	free(path);
	str_release(&text);
}

static void test_choice(void)
{
	struct cmd_ctx ctx = {.no_input = true};
	struct str text = STR_INIT(1000);

	setenv("EDITOR", "three", 1);
	setenv("VISUAL", "one", 1);
	is_str(choose_editor(&ctx, &err), "one", "VISUAL first");
	unsetenv("VISUAL");
	is_str(choose_editor(&ctx, &err), "three", "then EDITOR");
	ok_call(config_put(ctx.config, CONFIG_USER, "core.editor", "two", &err), &err, "a setting");
	is_str(choose_editor(&ctx, &err), "two", "before EDITOR");
	setenv("PAGER", "four", 1);
	is_str(choose_pager(&ctx, &err), "four", "PAGER");
	ok(is_no_pager("") && is_no_pager("cat") && !is_no_pager("less"), "no pager");
	ok(editor_write(&ctx, NULL, &text, &err) && err.kind == ERR_USAGE,
		"no editor with --no-input");
	ok_call(pager_start(&ctx, &err), &err, "no pager without a terminal");
	is_int(ctx.pager, 0, "is started");
	config_free(ctx.config);
	str_release(&text);
}

int main(void)
{
	test_strip();
	test_editor();
	test_choice();
	return tap_done();
}
