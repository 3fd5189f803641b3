#include "digest.h"

#include <inttypes.h>

void
digest_init(struct digest *digest)
{
	SHA256Init(&digest->sha);
}

void
digest_add(struct digest *digest, struct str bytes)
{
	SHA256Update(&digest->sha, (const uint8_t *)bytes.p, bytes.n);
}

void
digest_hex(const struct digest *digest, char hex[DIGEST_HEX + 1])
{
	SHA2_CTX sha = digest->sha;

	SHA256End(&sha, hex);
}

/* Bytes that wait for a whole block. */
static size_t
waiting(const SHA2_CTX *sha)
{
	return (size_t)(sha->bitcount[0] / 8 % SHA256_BLOCK_LENGTH);
}

int
digest_keep(const struct digest *digest, struct buf *to, struct err *err)
{
	const SHA2_CTX *sha = &digest->sha;
	int rc = LODE_OK;
	size_t i;

	for (i = 0; i < 8 && rc == LODE_OK; i++)
		rc = buf_printf(to, "%08" PRIx32, sha->state.st32[i]);
	if (rc == LODE_OK)
		rc = buf_printf(to, "%016" PRIx64, sha->bitcount[0]);
	for (i = 0; i < waiting(sha) && rc == LODE_OK; i++)
		rc = buf_printf(to, "%02x", sha->buffer[i]);
	return rc == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

/* n digits as a number; false when they are not there. */
static bool
take_hex(struct str *text, size_t n, uint64_t *number)
{
	*number = 0;
	if (text->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *digits = "0123456789abcdef", *at = memchr(digits, text->p[i], 16);

		if (at == NULL)
			return false;
		*number = *number << 4 | (uint64_t)(at - digits);
	}
	*text = (struct str){ text->p + n, text->n - n };
	return true;
}

int
digest_restore(struct digest *digest, struct str text, struct err *err)
{
	struct str rest = text;
	uint64_t number;
	SHA2_CTX sha;
	bool good = true;

	SHA256Init(&sha);
	for (size_t i = 0; i < 8 && good; i++) {
		good = take_hex(&rest, 8, &number);
		sha.state.st32[i] = (uint32_t)number;
	}
	good = good && take_hex(&rest, 16, &sha.bitcount[0]);
	for (size_t i = 0; good && i < waiting(&sha); i++) {
		good = take_hex(&rest, 2, &number);
		sha.buffer[i] = (uint8_t)number;
	}
	if (!good || rest.n > 0)
		return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
	digest->sha = sha;
	return LODE_OK;
}
