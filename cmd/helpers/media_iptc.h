/* media_iptc.h - the captions of press photographs: IPTC IIM in Photoshop's block. */
#ifndef PINHOLE_HELPERS_MEDIA_IPTC_H
#define PINHOLE_HELPERS_MEDIA_IPTC_H

#include "media_facts.h"

/* Facts from JPEG's APP13 segment ("Photoshop 3.0") or from bare IIM data. */
void iptc_take_block(struct facts *facts, const void *block, size_t len);

#endif
