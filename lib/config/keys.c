/* keys.c - the one table of settings.
 *
 * It reads nothing.  Invariant: every default is a value that config_check_value accepts.
 */
#include "config/config.h"

static const char *const formats[] = {"jpeg", "webp", NULL};
static const char *const color_choices[] = {"auto", "never", NULL};

#define QUALITY_MIN 1
#define QUALITY_MAX 100
#define SIDE_MIN    16
#define SIDE_MAX    16384

static const struct config_key keys[] = {
	{
		.name = "user.region",
		.type = CONFIG_TEXT,
		.value = "",
		.help = "two-letter country whose rules read telephone numbers written without +",
	},
	{
		.name = "ingest.jobs",
		.type = CONFIG_INT,
		.value = "0",
		.min = 0,
		.max = 256,
		.help = "how many files are rendered at once; 0 is one for each processor",
	},
	{
		.name = "ingest.max-file-size",
		.type = CONFIG_SIZE,
		.value = "4G",
		.min = 1,
		.help = "larger files are refused",
	},
	{
		.name = "ingest.max-archive-size",
		.type = CONFIG_SIZE,
		.value = "1T",
		.min = 1,
		.help = "archives that expand to more are refused from there on",
	},
	{
		.name = "ingest.max-archive-ratio",
		.type = CONFIG_INT,
		.value = "200",
		.min = 1,
		.max = 1000000,
		.help = "archives that expand to more than so many times their size are refused",
	},
	{
		.name = "ingest.max-archive-entries",
		.type = CONFIG_INT,
		.value = "1000000",
		.min = 1,
		.max = 100000000,
		.help = "how many entries of one archive are looked at",
	},
	{
		.name = "media.max-pixels",
		.type = CONFIG_INT,
		.value = "250000000",
		.min = 1,
		.max = 10000000000,
		.help = "pictures with more pixels are kept but not rendered",
	},
	{
		.name = "media.max-memory",
		.type = CONFIG_SIZE,
		.value = "2G",
		.min = 64 * 1024 * 1024,
		.help = "memory that the decoder of one picture may use",
	},
	{
		.name = "media.max-seconds",
		.type = CONFIG_DURATION,
		.value = "60",
		.min = 1,
		.max = 3600,
		.help = "processor time that the decoder of one picture may use",
	},
	{
		.name = "thumb.size",
		.type = CONFIG_INT,
		.value = "320",
		.min = SIDE_MIN,
		.max = SIDE_MAX,
		.help = "side of the square thumbnail, in pixels",
	},
	{
		.name = "thumb.quality",
		.type = CONFIG_INT,
		.value = "80",
		.min = QUALITY_MIN,
		.max = QUALITY_MAX,
		.help = "quality of the thumbnail",
	},
	{
		.name = "preview.size",
		.type = CONFIG_INT,
		.value = "1600",
		.min = SIDE_MIN,
		.max = SIDE_MAX,
		.help = "longer side of the preview, in pixels",
	},
	{
		.name = "preview.quality",
		.type = CONFIG_INT,
		.value = "80",
		.min = QUALITY_MIN,
		.max = QUALITY_MAX,
		.help = "quality of the preview",
	},
	{
		.name = "variant.format",
		.type = CONFIG_CHOICE,
		.value = "jpeg",
		.choices = formats,
		.help = "format of thumbnails and previews",
	},
	{
		.name = "cache.dir",
		.type = CONFIG_LIST,
		.value = "",
		.help = "directories for derived images; none is cache/ in the store",
	},
	{
		.name = "core.color",
		.type = CONFIG_CHOICE,
		.value = "auto",
		.choices = color_choices,
		.help = "colours: auto is on a terminal where NO_COLOR is not set",
	},
	{
		.name = "core.pager",
		.type = CONFIG_TEXT,
		.value = "",
		.help = "command that long output goes through on a terminal; cat for none",
	},
	{
		.name = "core.editor",
		.type = CONFIG_TEXT,
		.value = "",
		.help = "command that texts are written with",
	},
};

const struct config_table config_table = {keys, sizeof(keys) / sizeof(keys[0])};
