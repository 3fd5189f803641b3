/*
 * source: what is packed comes out unpacked, wherever the reads cut it, and what is cut short or damaged is an error
 *
 * The input is a pipe that is filled only when the source would wait, so that each read gets exactly one piece.
 */
#include <fcntl.h>
#include <isa-l.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "source.h"

static const char text[] = "typeCode,freqCode\nC,A\nC,A\nC,A\n\"line\nfeed\",M\n0123456789012345678901234567890123456789\n";

struct feeder {
	struct str rest;
	size_t first, step;
	int fd;
	int waits;
	int again; /* LODE_OK, or LODE_AGAIN: the reader does not wait */
};

static int
feed(void *argument, struct err *err)
{
	struct feeder *feeder = argument;
	size_t n = feeder->first < feeder->rest.n ? feeder->first : feeder->rest.n;

	(void)err;
	feeder->waits++;
	if (feeder->fd < 0)
		return feeder->again;
	if (n == 0) {
		close(feeder->fd);
		feeder->fd = -1;
		return feeder->again;
	}
	assert_int_equal(write(feeder->fd, feeder->rest.p, n), (ssize_t)n);
	feeder->rest.p += n;
	feeder->rest.n -= n;
	feeder->first = feeder->step;
	return feeder->again;
}

static int
read_how(struct str input, size_t first, size_t step, size_t room, const char *utf16, int again, struct buf *out, struct err *err)
{
	struct feeder feeder = { input, first == 0 ? step : first, step, -1, 0, again };
	struct source_options options = { .on_wait = feed, .argument = &feeder, .utf16 = utf16 };
	struct source *source;
	char path[32];
	int ends[2], rc;
	size_t n;

	out->n = 0;
	assert_int_equal(pipe(ends), 0);
	feeder.fd = ends[1];
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	assert_int_equal(source_open(&source, path, &options, err), LODE_OK);
	close(ends[0]);
	do {
		assert_int_equal(buf_reserve(out, room), LODE_OK);
		rc = source_read(source, out->p + out->n, room, &n, err);
		out->n += n;
	} while ((rc == LODE_OK && n > 0) || rc == LODE_AGAIN);
	if (rc == LODE_OK) {
		assert_int_equal(source_read(source, out->p, room, &n, err), LODE_OK); /* the end stays the end */
		assert_int_equal(n, 0);
	}
	if (feeder.fd >= 0)
		close(feeder.fd);
	assert_int_equal(source_close(source, err), LODE_OK);
	return rc;
}

/* Reads all of input, cut as told, into out: waiting for what comes, and put off again and again, which is the same. */
static int
read_all(struct str input, size_t first, size_t step, size_t room, const char *utf16, struct buf *out, struct err *err)
{
	struct buf other = BUF_INIT;
	struct err other_err = ERR_INIT;
	int rc = read_how(input, first, step, room, utf16, LODE_OK, out, err);

	assert_int_equal(read_how(input, first, step, room, utf16, LODE_AGAIN, &other, &other_err), rc);
	assert_true(str_eq(buf_str(&other), buf_str(out)));
	if (rc != LODE_OK)
		assert_string_equal(other_err.message, err->message);
	buf_release(&other);
	return rc;
}

static void
add_le(struct buf *out, uint64_t number, int bytes)
{
	for (; bytes > 0; bytes--, number >>= 8)
		buf_add(out, &(char){ (char)(number & 255) }, 1);
}

/* Deflates; format IGZIP_GZIP or IGZIP_DEFLATE. */
static void
deflate(struct buf *out, struct str plain, uint16_t format)
{
	struct isal_zstream *z = malloc(sizeof *z);

	assert_int_equal(buf_reserve(out, plain.n * 2 + 1000), LODE_OK);
	assert_non_null(z);
	isal_deflate_stateless_init(z);
	z->end_of_stream = 1;
	z->flush = NO_FLUSH;
	z->gzip_flag = format;
	z->next_in = (uint8_t *)(uintptr_t)plain.p;
	z->avail_in = (uint32_t)plain.n;
	z->next_out = (uint8_t *)out->p + out->n;
	z->avail_out = (uint32_t)(out->room - out->n);
	assert_int_equal(isal_deflate_stateless(z), COMP_OK);
	out->n += z->total_out;
	free(z);
}

enum { STORED = 1, DESCRIPTOR = 2, SIGNATURE = 4, BIG = 8 };

static void
zip(struct buf *out, struct str plain, unsigned how)
{
	struct buf packed = BUF_INIT;
	uint32_t crc = crc32_gzip_refl(0, (const unsigned char *)plain.p, plain.n);
	bool big = (how & BIG) != 0, later = (how & DESCRIPTOR) != 0;
	size_t start = out->n, directory;
	int i;

	if (how & STORED)
		buf_add_str(&packed, plain);
	else
		deflate(&packed, plain, IGZIP_DEFLATE);
	for (i = 0; i < 2; i++) {
		directory = out->n;
		buf_add(out, i == 0 ? "PK\3\4" : "PK\1\2\24\0", i == 0 ? 4 : 6);
		add_le(out, 20, 2);
		add_le(out, later ? 8 : 0, 2);
		add_le(out, how & STORED ? 0 : 8, 2);
		add_le(out, 0, 4);
		add_le(out, later && i == 0 ? 0 : crc, 4);
		add_le(out, big ? UINT32_MAX : later && i == 0 ? 0 : packed.n, 4);
		add_le(out, big ? UINT32_MAX : later && i == 0 ? 0 : plain.n, 4);
		add_le(out, 5, 2);
		add_le(out, big ? 20 : 0, 2);
		if (i == 1)
			add_le(out, 0, 14);
		buf_add(out, "x.csv", 5);
		if (big) {
			add_le(out, 1, 2);
			add_le(out, 16, 2);
			add_le(out, plain.n, 8);
			add_le(out, packed.n, 8);
		}
		if (i == 1)
			break;
		buf_add_str(out, buf_str(&packed));
		if (how & SIGNATURE)
			buf_add(out, "PK\7\10", 4);
		if (later) {
			add_le(out, crc, 4);
			add_le(out, packed.n, big ? 8 : 4);
			add_le(out, plain.n, big ? 8 : 4);
		}
	}
	buf_add(out, "PK\5\6", 4);
	add_le(out, 0, 4);
	add_le(out, 1, 2);
	add_le(out, 1, 2);
	add_le(out, out->n - directory - 12, 4);
	add_le(out, directory - start, 4);
	add_le(out, 3, 2);
	buf_add(out, "end", 3);
	buf_release(&packed);
}

static void
widen(struct buf *out, struct str plain, bool big_endian)
{
	size_t i;

	buf_add(out, big_endian ? "\xfe\xff" : "\xff\xfe", 2);
	for (i = 0; i < plain.n; i++)
		buf_add(out, big_endian ? (char[]){ 0, plain.p[i] } : (char[]){ plain.p[i], 0 }, 2);
}

struct form {
	const char *name;
	struct buf bytes;
	bool closed; /* cut anywhere, it is an error */
	size_t least; /* but for a cut before this one */
	const char *want;
};

static struct form forms[24];
static unsigned n_forms;

static struct buf *
form(const char *name, bool closed, const char *want)
{
	forms[n_forms] = (struct form){ name, BUF_INIT, closed, 0, want };
	return &forms[n_forms++].bytes;
}

static int
make_forms(void **state)
{
	static const char named[] = "\x1f\x8b\x08\x1c\0\0\0\0\0\3\3\0abcname\0comment";
	static char twice[sizeof text * 2], marked[sizeof text + 3];
	struct str plain = STR(""), half = STR("half");
	struct buf wide = BUF_INIT, gzipped = BUF_INIT, *out;

	(void)state;
	plain = str_of(text);
	snprintf(twice, sizeof twice, "%s%s", text, text);
	snprintf(marked, sizeof marked, "\xef\xbb\xbf%s", text);
	buf_add_str(form("plain", false, text), plain);
	buf_add_str(form("with a mark", false, text), str_of(marked));
	buf_add_str(form("P", false, "P"), STR("P"));
	buf_add_str(form("PK and text", false, "PK\3x"), STR("PK\3x"));
	buf_add_str(form("not gzip", false, "\x1fz"), STR("\x1fz"));
	buf_add_str(form("half a mark", false, "\xef\xbbx"), STR("\xef\xbbx"));
	buf_add_str(form("a cut mark", false, "\xef\xbb"), STR("\xef\xbb"));
	form("nothing", false, "");
	deflate(form("gzip", true, text), plain, IGZIP_GZIP);
	deflate(form("gzip of a mark", true, text), str_of(marked), IGZIP_GZIP);
	deflate(form("gzip of nothing", true, ""), STR(""), IGZIP_GZIP);
	out = form("two members", true, twice);
	deflate(out, plain, IGZIP_GZIP);
	forms[n_forms - 1].least = out->n; /* cut there it is one member, and whole */
	deflate(out, plain, IGZIP_GZIP);
	out = form("zeros behind", false, text);
	deflate(out, plain, IGZIP_GZIP);
	add_le(out, 0, 8);
	add_le(out, 0, 8);
	deflate(&gzipped, half, IGZIP_GZIP);
	out = form("a long gzip header", true, "half");
	buf_add(out, named, sizeof named);
	buf_add(out, gzipped.p + 10, gzipped.n - 10);
	zip(form("zip", true, text), plain, 0);
	zip(form("zip of nothing", true, ""), STR(""), 0);
	zip(form("stored zip", true, text), plain, STORED);
	zip(form("stored zip of nothing", true, ""), STR(""), STORED);
	zip(form("zip with a descriptor", true, text), plain, DESCRIPTOR);
	zip(form("zip with a signed descriptor", true, text), plain, DESCRIPTOR | SIGNATURE);
	zip(form("zip with a big descriptor", true, text), plain, DESCRIPTOR | SIGNATURE | BIG);
	zip(form("big stored zip", true, text), plain, STORED | BIG);
	widen(form("UTF-16LE", false, text), plain, false);
	widen(&wide, plain, true);
	deflate(form("gzip of UTF-16BE", true, text), buf_str(&wide), IGZIP_GZIP);
	assert_int_equal(n_forms, sizeof forms / sizeof *forms);
	buf_release(&wide);
	buf_release(&gzipped);
	return 0;
}

static int
free_forms(void **state)
{
	(void)state;
	while (n_forms > 0)
		buf_release(&forms[--n_forms].bytes);
	return 0;
}

static void
cuts_do_not_matter(void **state)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	size_t k;
	unsigned i;

	(void)state;
	for (i = 0; i < n_forms; i++) {
		for (k = 1; k <= forms[i].bytes.n; k++) {
			if (read_all(buf_str(&forms[i].bytes), k, 65536, k % 5 == 0 ? 5 : 4096, NULL, &out, &err) != LODE_OK)
				fail_msg("%s cut at %zu: %s", forms[i].name, k, err.message);
			if (!str_is(buf_str(&out), forms[i].want))
				fail_msg("%s cut at %zu gives '%.*s'", forms[i].name, k, STR_ARG(buf_str(&out)));
		}
		for (k = 1; k <= 9; k += 4) {
			if (read_all(buf_str(&forms[i].bytes), k, k, 4096, NULL, &out, &err) != LODE_OK)
				fail_msg("%s in pieces of %zu: %s", forms[i].name, k, err.message);
			assert_true(str_is(buf_str(&out), forms[i].want));
		}
	}
	buf_release(&out);
}

static void
what_is_cut_short_is_an_error(void **state)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	const char *want;
	size_t k, magic;
	unsigned i;

	(void)state;
	for (i = 0; i < n_forms; i++) {
		if (!forms[i].closed)
			continue;
		magic = forms[i].bytes.p[0] == 'P' ? 4 : 2;
		want = forms[i].bytes.p[0] == 'P' ? "truncated zip" : "truncated gzip";
		for (k = magic; k + (magic == 4 ? 3 : 0) < forms[i].bytes.n; k++) { /* 3: the archive's comment */
			if (k == forms[i].least)
				continue;
			if (read_all((struct str){ forms[i].bytes.p, k }, k, k, 4096, NULL, &out, &err) != LODE_EDATA)
				fail_msg("%s of %zu bytes is not an error", forms[i].name, k);
			if (strcmp(err.message, want) != 0)
				fail_msg("%s of %zu bytes: %s", forms[i].name, k, err.message);
		}
	}
	buf_release(&out);
}

static void
check_damage(const char *name, size_t at, bool from_end, char byte, const char *message)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT, bytes = BUF_INIT;
	unsigned i;

	for (i = 0; strcmp(forms[i].name, name) != 0;)
		i++;
	buf_add_str(&bytes, buf_str(&forms[i].bytes));
	bytes.p[from_end ? bytes.n - at : at] = byte;
	assert_int_equal(read_all(buf_str(&bytes), bytes.n, 1, 4096, NULL, &out, &err), LODE_EDATA);
	assert_string_equal(err.message, message);
	buf_release(&bytes);
	buf_release(&out);
}

static void
damage_is_named(void **state)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT, two = BUF_INIT;

	(void)state;
	check_damage("gzip", 8, true, '~', "checksum of the gzip is wrong");
	check_damage("gzip", 2, false, 7, "damaged gzip: no member begins where one should");
	check_damage("gzip", 10, false, 7, "damaged gzip");
	check_damage("zeros behind", 1, true, 'x', "damaged gzip: something else follows its end");
	check_damage("zeros behind", 1, true, '\x1f', "truncated gzip");
	check_damage("zip", 14, false, '~', "checksum of the zip is wrong");
	check_damage("zip", 22, false, 0, "checksum of the zip is wrong");
	check_damage("stored zip", 40, false, 0, "checksum of the zip is wrong");
	check_damage("zip", 6, false, 1, "encrypted zip");
	check_damage("zip", 8, false, 12, "zip method 12 is not supported");
	check_damage("stored zip", 6, false, 8, "stored zip member of unknown size is not supported");
	zip(&two, STR("one"), 0);
	two.n -= 25 + 46 + 5; /* end record and directory */
	zip(&two, STR("two"), 0);
	assert_int_equal(read_all(buf_str(&two), two.n, 1, 4096, NULL, &out, &err), LODE_EDATA);
	assert_string_equal(err.message, "zip with more than one member");
	buf_release(&two);
	buf_release(&out);
}

static void
utf16_by_option_and_not_valid(void **state)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(read_all(STR("a\0\x2d\x4e"), 1, 1, 4, "UTF-16LE", &out, &err), LODE_OK);
	assert_true(str_is(buf_str(&out), "a中"));
	assert_int_equal(read_all(STR("\xff\xfe\x3d\xd8\0\xde"), 3, 1, 4, "UTF-16LE", &out, &err), LODE_OK);
	assert_true(str_is(buf_str(&out), "😀"));
	assert_int_equal(read_all(STR("\xff\xfe" "a\0\0\xdc" "b\0"), 3, 1, 4, NULL, &out, &err), LODE_EDATA);
	assert_string_equal(err.message, "not valid UTF-16");
	assert_int_equal(read_all(STR("\xff\xfe" "a\0b"), 3, 1, 4, NULL, &out, &err), LODE_EDATA);
	assert_string_equal(err.message, "not valid UTF-16");
	assert_int_equal(read_all(STR("a"), 1, 1, 4, "UTF-99", &out, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "cannot convert from 'UTF-99'");
	buf_release(&out);
}

/* Over the blocks' size, from a regular file, so that the big reads and the inflater's window are at work. */
static void
a_large_file_comes_through(void **state)
{
	char path[] = "/tmp/test_source.XXXXXX";
	struct buf plain = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;
	struct source *source;
	uint32_t random = 1;
	int fd = mkstemp(path), form_number;
	size_t n;

	(void)state;
	assert_true(fd >= 0);
	while (plain.n < 3000000) {
		random = random * 1664525 + 1013904223;
		buf_printf(&plain, "%u,%s\n", random >> 12, random & 4096 ? "import" : "export");
	}
	for (form_number = 0; form_number < 4; form_number++) {
		packed.n = 0;
		if (form_number == 0)
			buf_add_str(&packed, buf_str(&plain));
		else if (form_number == 1)
			deflate(&packed, buf_str(&plain), IGZIP_GZIP);
		else
			zip(&packed, buf_str(&plain), form_number == 2 ? DESCRIPTOR : STORED);
		assert_int_equal(pwrite(fd, packed.p, packed.n, 0), (ssize_t)packed.n);
		assert_int_equal(ftruncate(fd, (off_t)packed.n), 0);
		assert_int_equal(source_open(&source, path, NULL, &err), LODE_OK);
		assert_string_equal(source_name(source), path);
		for (out.n = 0, n = 1; n > 0; out.n += n) {
			assert_int_equal(buf_reserve(&out, 100000), LODE_OK);
			if (source_read(source, out.p + out.n, 100000, &n, &err) != LODE_OK)
				fail_msg("form %d at %zu: %s", form_number, out.n, err.message);
		}
		assert_true(str_eq(buf_str(&out), buf_str(&plain)));
		assert_int_equal(source_close(source, &err), LODE_OK);
	}
	close(fd);
	unlink(path);
	buf_release(&plain);
	buf_release(&packed);
	buf_release(&out);
}

static void
a_missing_file_is_named(void **state)
{
	struct err err = ERR_INIT;
	struct source *source;

	(void)state;
	assert_int_equal(source_open(&source, "/nowhere/x.csv", NULL, &err), LODE_EIO);
	assert_string_equal(err.message, "cannot open '/nowhere/x.csv': No such file or directory");
	assert_int_equal(source_open(&source, "/", NULL, &err), LODE_OK);
	assert_int_equal(source_read(source, (char[16]){ 0 }, 16, &(size_t){ 0 }, &err), LODE_EIO);
	assert_string_equal(err.message, "cannot read '/': Is a directory");
	assert_int_equal(source_close(source, &err), LODE_OK);
}

static int
stop(void *argument, struct err *err)
{
	(void)argument;
	(void)err;
	source_stop = SIGTERM;
	return LODE_OK;
}

static void
a_waiting_read_ends_when_asked_to_stop(void **state)
{
	struct source_options options = { .on_wait = stop, .name = "pipe" };
	struct err err = ERR_INIT;
	struct source *source;
	char path[32], out[16];
	int ends[2];
	size_t n;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	assert_int_equal(source_open(&source, path, &options, &err), LODE_OK);
	assert_string_equal(source_name(source), "pipe");
	assert_int_equal(source_read(source, out, sizeof out, &n, &err), LODE_DONE);
	source_stop = 0;
	assert_int_equal(source_close(source, &err), LODE_OK);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_do_not_matter),
		cmocka_unit_test(what_is_cut_short_is_an_error),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(utf16_by_option_and_not_valid),
		cmocka_unit_test(a_large_file_comes_through),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(a_waiting_read_ends_when_asked_to_stop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_forms, free_forms);
}
