/* media_xmp.c - walks the RDF of an XMP packet with expat; see media_xmp.h.
 *
 * It fetches nothing and expands nothing: a document type declaration ends the parse, so there are
 * no entities.  Depth, text and number of properties are bounded.
 *
 * The form is ISO 16684-1: rdf:RDF holds rdf:Description elements; their attributes and children
 * are properties; a child holds text, or an rdf:Bag, rdf:Seq or rdf:Alt of rdf:li.
 */
#include "media_xmp.h"

#include "base/str.h"

#include <expat.h>
#include <stdbool.h>
#include <string.h>

#define RDF            "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define SEPARATOR      '|'
#define DEPTH_MAX      40
#define TEXT_MAX       ((size_t)64 * 1024)
#define PROPERTIES_MAX 5000

struct walk {
	XML_Parser parser;
	xmp_handler *handler;
	void *data;
	unsigned depth, properties;
	unsigned description; /* depth of the rdf:Description that we are in, 0 none */
	char *property;       /* owned "namespace|name" of the child that we are in, or NULL */
	bool collecting;
	struct str text;
	const char *trouble;
};

static void stop(struct walk *walk, const char *trouble)
{
	walk->trouble = trouble;
	XML_StopParser(walk->parser, XML_FALSE);
}

static void emit(struct walk *walk, const char *qualified, const char *text, size_t len)
{
	const char *separator = strrchr(qualified, SEPARATOR);
	_cleanup_free_ char *space = NULL;
	struct xmp_property property = {.text = text, .len = len};

	if (!separator || strncmp(qualified, RDF, strlen(RDF)) == 0)
		return;
	if (++walk->properties > PROPERTIES_MAX) {
		stop(walk, "too many properties");
		return;
	}
	space = mem_strndup(qualified, (size_t)(separator - qualified));
	if (!space) {
		stop(walk, "out of memory");
		return;
	}
	property.space = space;
	property.name = separator + 1;
	walk->handler(walk->data, &property);
}

static void begin_text(struct walk *walk)
{
	str_clear(&walk->text);
	walk->collecting = true;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct walk *walk = data;

	if (++walk->depth > DEPTH_MAX) {
		stop(walk, "nested too deeply");
		return;
	}
	if (!walk->description && strcmp(name, RDF "|Description") == 0) {
		walk->description = walk->depth;
		for (size_t i = 0; attributes[i] && !walk->trouble; i += 2)
			emit(walk, attributes[i], attributes[i + 1], strlen(attributes[i + 1]));
		return;
	}
	if (!walk->description)
		return;
	/* Property, array, item: text counts in the first (unless it turns out to be an array)
	 * and in the last. */
	walk->collecting = false;
	if (walk->depth == walk->description + 1) {
		mem_free_pointer(&walk->property);
		walk->property = mem_strdup(name);
		begin_text(walk);
	} else if (walk->depth == walk->description + 3 && strcmp(name, RDF "|li") == 0) {
		begin_text(walk);
	}
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct walk *walk = data;

	(void)name;
	if (walk->collecting && walk->property && !walk->text.failed)
		emit(walk, walk->property, walk->text.data, walk->text.len);
	walk->collecting = false;
	if (walk->description && walk->depth == walk->description)
		walk->description = 0;
	walk->depth--;
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len)
{
	struct walk *walk = data;

	if (walk->collecting)
		str_add(&walk->text, text, (size_t)len);
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
	const XML_Char *public_id, int has_internal)
{
	(void)name, (void)system_id, (void)public_id, (void)has_internal;
	stop(data, "a document type declaration is refused");
}

int media_xmp_parse(
	const void *packet, size_t len, xmp_handler *handler, void *data, struct err *err)
{
	struct walk walk = {.handler = handler, .data = data, .text = STR_INIT(TEXT_MAX)};
	enum XML_Status status;

	if (len > XMP_BYTES_MAX)
		return err_set(
			err, ERR_TOO_LARGE, "the XMP is larger than %zu bytes", XMP_BYTES_MAX);
	/* Packets in files are padded with NULs at times. */
	while (len && ((const char *)packet)[len - 1] == '\0')
		len--;
	walk.parser = XML_ParserCreateNS(NULL, SEPARATOR);
	if (!walk.parser)
		return err_no_memory(err);
	XML_SetUserData(walk.parser, &walk);
	XML_SetElementHandler(walk.parser, on_start, on_end);
	XML_SetCharacterDataHandler(walk.parser, on_text);
	XML_SetStartDoctypeDeclHandler(walk.parser, on_doctype);
	status = XML_Parse(walk.parser, packet, (int)len, XML_TRUE);
	if (status != XML_STATUS_OK)
		err_set(err, ERR_INVALID, "the XMP cannot be read: %s",
			walk.trouble ? walk.trouble :
				       XML_ErrorString(XML_GetErrorCode(walk.parser)));
	XML_ParserFree(walk.parser);
	str_release(&walk.text);
	mem_free_pointer(&walk.property);
	return status == XML_STATUS_OK ? 0 : -1;
}
