/* digest: known answers, told at any time, kept and gone on with at every length */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "digest.h"

static void
known_answers(void **state)
{
	struct digest digest;
	char hex[DIGEST_HEX + 1];

	(void)state;
	digest_init(&digest);
	digest_hex(&digest, hex); /* FIPS 180-4 */
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_add(&digest, STR("abc"));
	digest_hex(&digest, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_add(&digest, STR("dbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")); /* telling ended nothing */
	digest_hex(&digest, hex);
	assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void
goes_on_from_any_length(void **state)
{
	static const char text[] = "a line that is longer than a block of sixty-four bytes, so that some are cut within one, and some at its end";
	char want[DIGEST_HEX + 1], hex[DIGEST_HEX + 1];
	struct digest whole, part, rest;
	struct err err = ERR_INIT;

	(void)state;
	digest_init(&whole);
	digest_add(&whole, str_of(text));
	digest_hex(&whole, want);
	for (size_t n = 0; n <= sizeof text - 1; n++) {
		struct buf kept = BUF_INIT;

		digest_init(&part);
		digest_add(&part, (struct str){ text, n });
		assert_int_equal(digest_keep(&part, &kept, &err), LODE_OK);
		assert_int_equal(digest_restore(&rest, buf_str(&kept), &err), LODE_OK);
		digest_add(&rest, (struct str){ text + n, sizeof text - 1 - n });
		digest_hex(&rest, hex);
		assert_string_equal(hex, want);
		buf_release(&kept);
	}
}

static void
what_is_no_state_changes_nothing(void **state)
{
	struct digest digest;
	struct buf kept = BUF_INIT;
	char want[DIGEST_HEX + 1], hex[DIGEST_HEX + 1];
	struct err err = ERR_INIT;

	(void)state;
	digest_init(&digest);
	digest_add(&digest, STR("abc"));
	digest_hex(&digest, want);
	assert_int_equal(digest_keep(&digest, &kept, &err), LODE_OK);
	for (size_t n = 0; n < kept.n; n++) /* cut anywhere */
		assert_int_equal(digest_restore(&digest, (struct str){ kept.p, n }, &err), LODE_EDATA);
	assert_int_equal(buf_add(&kept, "0", 1), LODE_OK);
	assert_int_equal(digest_restore(&digest, buf_str(&kept), &err), LODE_EDATA);
	kept.p[--kept.n - 1] = 'g';
	assert_int_equal(digest_restore(&digest, buf_str(&kept), &err), LODE_EDATA);
	kept.p[kept.n - 1] = '\0';
	assert_int_equal(digest_restore(&digest, buf_str(&kept), &err), LODE_EDATA);
	digest_hex(&digest, hex);
	assert_string_equal(hex, want);
	buf_release(&kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(goes_on_from_any_length),
		cmocka_unit_test(what_is_no_state_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
