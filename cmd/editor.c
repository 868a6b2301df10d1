/* editor.c - other people's programs at the person's side: the editor and the pager.
 *
 * Commands go to `sh -c`, as git does, because people configure them with options.  Invariant:
 * neither is ever started unless a person sits at a terminal.
 */
#include "print.h"
#include "base/path.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)1024 * 1024)

/* --- the pager ----------------------------------------------------------------------------- */

static const char *choose_pager(struct cmd_ctx *ctx, struct err *err)
{
	const struct config *config = cmd_config(ctx, err);
	const char *pager;

	if (!config)
		return NULL;
	pager = config_text(config, "core.pager");
	if (*pager)
		return pager;
	pager = getenv("PAGER");
	return pager ? pager : "less -FRX";
}

static bool is_no_pager(const char *pager)
{
	return !*pager || !strcmp(pager, "cat");
}

int pager_start(struct cmd_ctx *ctx, struct err *err)
{
	const char *pager;
	int ends[2];

	if (!ctx->out_tty || ctx->pager)
		return 0;
	pager = choose_pager(ctx, err);
	if (!pager)
		return -1;
	if (is_no_pager(pager))
		return 0;
	if (fflush(ctx->out) || pipe(ends))
		return err_errno(err, "cannot start the pager");
	ctx->pager = fork();
	if (ctx->pager == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	if (ctx->pager > 0)
		dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	if (ctx->pager > 0) {
		/* Ctrl-C is the pager's to handle; when it goes, our next write ends us. */
		signal(SIGINT, SIG_IGN);
		return 0;
	}
	ctx->pager = 0;
	return err_errno(err, "cannot start the pager");
}

void pager_stop(struct cmd_ctx *ctx)
{
	if (!ctx->pager)
		return;
	fflush(ctx->out);
	close(STDOUT_FILENO);
	while (waitpid((pid_t)ctx->pager, NULL, 0) < 0 && errno == EINTR)
		;
	ctx->pager = 0;
}

/* --- the editor ---------------------------------------------------------------------------- */

static const char *choose_editor(struct cmd_ctx *ctx, struct err *err)
{
	const struct config *config = cmd_config(ctx, err);
	const char *editor = getenv("VISUAL");

	if (!config)
		return NULL;
	if (editor && *editor)
		return editor;
	editor = config_text(config, "core.editor");
	if (*editor)
		return editor;
	editor = getenv("EDITOR");
	return editor && *editor ? editor : "vi";
}

/* The file's name goes in as a parameter, so nothing in it is read by the shell. */
static int run_editor(const char *editor, const char *path, struct err *err)
{
	_cleanup_str_ struct str script = STR_INIT(STR_MAX_LINE);
	int status;
	pid_t child;

	str_addf(&script, "%s \"$@\"", editor);
	if (str_check(&script, err))
		return -1;
	child = fork();
	if (child < 0)
		return err_errno(err, "cannot start the editor");
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", script.data, editor, path, (char *)NULL);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "cannot wait for the editor");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(
			err, ERR_FAILED, "the editor \"%s\" failed, nothing was sent", editor);
	return 0;
}

/* Without comment lines, and without blank lines at both ends. */
static void strip_comments(const struct str *raw, struct str *text)
{
	const char *at = raw->data, *end = raw->data + raw->len;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);

		if (*at != '#' && (text->len || len)) {
			str_add(text, at, len);
			str_addc(text, '\n');
		}
		at += len + (newline ? 1 : 0);
	}
	while (text->len && text->data[text->len - 1] == '\n')
		str_truncate(text, text->len - 1);
}

static int edit_file(const char *editor, const char *path, const char *initial, struct str *text,
	struct err *err)
{
	_cleanup_str_ struct str raw = STR_INIT(TEXT_MAX);

	if (path_write_file(path, initial, strlen(initial), 0600, err))
		return -1;
	if (run_editor(editor, path, err) || path_read_file(path, TEXT_MAX, &raw, err))
		return -1;
	strip_comments(&raw, text);
	return str_check(text, err);
}

int editor_write(struct cmd_ctx *ctx, const char *initial, struct str *text, struct err *err)
{
	const char *editor, *tmp = getenv("TMPDIR");
	_cleanup_str_ struct str dir = STR_INIT(STR_MAX_LINE);
	_cleanup_free_ char *path = NULL;
	int failed;

	if (ctx->no_input || !isatty(STDIN_FILENO)) {
		err_set(err, ERR_USAGE, "there is no terminal to write the text on");
		return err_hint(err, "give the text with -m, -F or on standard input");
	}
	editor = choose_editor(ctx, err);
	if (!editor)
		return -1;
	str_addf(&dir, "%s/pinhole.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (str_check(&dir, err))
		return -1;
	if (!mkdtemp(dir.data))
		return err_errno(err, "cannot make a directory for the text");
	path = path_join(dir.data, "TEXT");
	failed = path ? edit_file(editor, path, initial ? initial : "", text, err) :
			err_no_memory(err);
	if (path)
		unlink(path);
	rmdir(dir.data);
	return failed;
}
