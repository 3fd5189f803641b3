/*
 * digest - SHA-256 over bytes as they come, that another process can go on with
 *
 * What has come so far can be told at any time without an end to it, and kept as a text.
 */
#ifndef LODE_DIGEST_H
#define LODE_DIGEST_H

#include <sha2.h>

#include "buf.h"
#include "err.h"

enum { DIGEST_HEX = 64 };

struct digest {
	SHA2_CTX sha;
};

void digest_init(struct digest *digest);
void digest_add(struct digest *digest, struct str bytes);

/* Of all bytes so far, in hexadecimal digits, terminated. */
void digest_hex(const struct digest *digest, char hex[DIGEST_HEX + 1]);

/* Appends how far it has come: eight words, the length in bits, and the bytes that wait, in hexadecimal digits. Errors: LODE_ENOMEM. */
int digest_keep(const struct digest *digest, struct buf *to, struct err *err);

/* Goes on from there. Errors: LODE_EDATA "'x' is no state". */
int digest_restore(struct digest *digest, struct str text, struct err *err);

#endif
