/* photo_json.h - a photo as the JSON object that `show --json` prints and the server answers with. */
#ifndef PINHOLE_STORE_PHOTO_JSON_H
#define PINHOLE_STORE_PHOTO_JSON_H

#include "store/photo.h"

/* `positions`: whoever it is for may see what is not in the log (RIGHT_POSITIONS): the position and the
 * files' own names.  Caller owns the result; NULL with NO_MEMORY or what reading failed with. */
json_t *photo_json(struct store *store, const struct photo *photo, bool positions, struct err *err);

#endif
