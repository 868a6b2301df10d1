/* values.h - inside lib/config: values as numbers.  Others use config.h. */
#ifndef PINHOLE_CONFIG_VALUES_H
#define PINHOLE_CONFIG_VALUES_H

#include "config/config.h"

#define CONFIG_VALUE_MAX 4096 /* bytes of one value */

/* The number that a text means for the key's type (a choice: its index; a text: 0); INVALID if it
 * means none.  Ranges are config_check_value's. */
int config_parse_number(
	const struct config_key *key, const char *text, int64_t *out, struct err *err);

#endif
