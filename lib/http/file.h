/* file.h - the parts of file.c that its tests look at; handlers use http_answer_file of http.h. */
#ifndef PINHOLE_HTTP_FILE_H
#define PINHOLE_HTTP_FILE_H

#include "http/http.h"

enum file_range {
	FILE_WHOLE = 0, /* no range, several, or one that we do not understand: all is sent */
	FILE_PART,
	FILE_UNSATISFIABLE,
};
/* Reads the value of a Range header.  Sets both outputs for FILE_PART alone: bytes, within the file. */
enum file_range file_range_parse(
	const char *text, uint64_t size, uint64_t *offset, uint64_t *length);

#endif
