#include "source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <isa-l.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ROOM = 256 * 1024,
	BEHIND = 16, /* consumed bytes kept before the input: the inflater may hand back up to 8 of them */
	PIPE_SIZE = 1024 * 1024,
	WAKE_MS = 200, /* how often a wait looks at source_stop, should the signal come just before the wait */
};

/* A step ends with LODE_OK, an error of enum lode_status, or this: no more input. */
enum { ENDED = -1 };

enum packing { UNKNOWN, PLAIN, GZIP, ZIP };
enum member { BEFORE, INSIDE, BETWEEN, AFTER }; /* BETWEEN: at least one gzip member has ended; AFTER: the zip's has */

struct source {
	int fd;
	bool regular;
	bool whole; /* within a part of the packing that is not begun again: LODE_AGAIN waits until it is over */
	char name[256];
	struct source_options options;
	/* as read */
	char *in; /* BEHIND + ROOM bytes */
	size_t at, n;
	bool in_end;
	enum packing packing;
	enum member member;
	struct inflate_state *inflate; /* GZIP and ZIP */
	struct {
		unsigned flags, method;
		uint32_t crc;
		uint64_t size, left; /* unpacked bytes: by the header, of a stored member still to come */
	} zip;
	/* unpacked, while its character encoding is unknown or being converted */
	char *text; /* ROOM bytes */
	size_t text_at, text_n;
	bool text_known;
	iconv_t utf16; /* (iconv_t)-1: bytes go out as they are */
};

volatile int source_stop;

int
source_open(struct source **source, const char *path, const struct source_options *options, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	struct source *s = calloc(1, sizeof *s);
	struct stat status;
	int rc = LODE_OK;

	if (s == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	if (options != NULL)
		s->options = *options;
	snprintf(s->name, sizeof s->name, "%s", s->options.name != NULL ? s->options.name : path);
	s->utf16 = (iconv_t)-1;
	s->at = s->n = BEHIND;
	s->in = calloc(1, BEHIND + ROOM);
	s->text = malloc(ROOM);
	/* a named pipe is opened at once: who writes may wait for another of its readers, and a signal for us */
	s->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd >= 0 && !standard)
		(void)fcntl(s->fd, F_SETFL, O_RDONLY);
	if (s->fd < 0)
		rc = err_set(err, LODE_EIO, "cannot open '%s': %s", path, strerror(errno));
	else if (s->in == NULL || s->text == NULL)
		rc = err_set(err, LODE_ENOMEM, "no memory");
	if (rc != LODE_OK) {
		if (s->fd > STDIN_FILENO)
			(void)close(s->fd);
		free(s->text);
		free(s->in);
		free(s);
		return rc;
	}
	s->regular = fstat(s->fd, &status) == 0 && S_ISREG(status.st_mode);
	if (!s->regular)
		(void)fcntl(s->fd, F_SETPIPE_SZ, PIPE_SIZE); /* not a pipe, or over the user's limit: goes on as it is */
	*source = s;
	return LODE_OK;
}

int
source_read_rows(void *source, char *out, size_t room, size_t *n, struct err *err)
{
	return source_read(source, out, room, n, err);
}

const char *
source_name(const struct source *source)
{
	return source->name;
}

bool
source_is_packed(const struct source *source)
{
	return source->packing == GZIP || source->packing == ZIP;
}

int
source_descriptor(const struct source *source)
{
	return source->fd;
}

int
source_close(struct source *source, struct err *err)
{
	int rc = LODE_OK;

	if (source == NULL)
		return LODE_OK;
	if (close(source->fd) != 0 && errno != EINTR)
		rc = err_set(err, LODE_EIO, "cannot close '%s': %s", source->name, strerror(errno));
	if (source->utf16 != (iconv_t)-1)
		iconv_close(source->utf16);
	free(source->inflate);
	free(source->text);
	free(source->in);
	free(source);
	return rc;
}

/* Waits until there is something to read; tells the owner first, so that it can flush. */
static int
wait_for_input(struct source *s, struct err *err)
{
	struct pollfd ready = { s->fd, POLLIN, 0 };
	bool told = false;
	int rc;

	while (poll(&ready, 1, told ? WAKE_MS : 0) <= 0) {
		if (source_stop)
			return LODE_DONE;
		if (!told && s->options.on_wait != NULL && (rc = s->options.on_wait(s->options.argument, err)) != LODE_OK &&
		    (rc != LODE_AGAIN || !s->whole))
			return rc;
		told = true;
	}
	return LODE_OK;
}

/* One read(2). ENDED at the end of the input. */
static int
read_some(struct source *s, char *out, size_t room, size_t *n, struct err *err)
{
	ssize_t got;
	int rc;

	for (;;) {
		if (source_stop)
			return LODE_DONE;
		if (!s->regular && (rc = wait_for_input(s, err)) != LODE_OK)
			return rc;
		got = read(s->fd, out, room);
		if (got > 0) {
			*n = (size_t)got;
			return LODE_OK;
		}
		if (got == 0)
			return ENDED;
		if (errno != EINTR && errno != EAGAIN)
			return err_set(err, LODE_EIO, "cannot read '%s': %s", s->name, strerror(errno));
	}
}

/*
 * Reads more behind what waits in s->in; what has been used up makes room but for its last BEHIND bytes.
 * ENDED at the end of the input.
 */
static int
fill(struct source *s, struct err *err)
{
	size_t from = s->at > BEHIND ? s->at - BEHIND : 0, got;
	int rc;

	if (s->in_end)
		return ENDED;
	if (from > 0) {
		memmove(s->in, s->in + from, s->n - from);
		s->at -= from;
		s->n -= from;
	}
	rc = read_some(s, s->in + s->n, BEHIND + ROOM - s->n, &got, err);
	if (rc == LODE_OK)
		s->n += got;
	s->in_end = rc == ENDED;
	return rc;
}

/* Sees to it that n bytes wait in s->in. ENDED when the input ends before. */
static int
need(struct source *s, size_t n, struct err *err)
{
	int rc;

	while (s->n - s->at < n)
		if ((rc = fill(s, err)) != LODE_OK)
			return rc;
	return LODE_OK;
}

static bool
starts(const struct source *s, const char *bytes, size_t n)
{
	return s->n - s->at >= n && memcmp(s->in + s->at, bytes, n) == 0;
}

static uint32_t
le16(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return u[0] | (uint32_t)u[1] << 8;
}

static uint32_t
le32(const char *p)
{
	return le16(p) | le16(p + 2) << 16;
}

static uint64_t
le64(const char *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

/* Finds out how the input is packed. Waits for no byte that the earlier ones have made pointless. */
static int
find_packing(struct source *s, struct err *err)
{
	static const char gzip[] = "\x1f\x8b", zip[] = "PK\3\4";
	size_t i;
	int rc = LODE_OK;

	if ((rc = need(s, 1, err)) != LODE_OK && rc != ENDED)
		return rc;
	s->packing = PLAIN;
	s->whole = true;
	for (i = 1; i <= 2 && starts(s, gzip, i); i++)
		if (i == 2)
			s->packing = GZIP;
		else if ((rc = need(s, 2, err)) != LODE_OK)
			break;
	for (i = 1; i <= 4 && starts(s, zip, i); i++)
		if (i == 4)
			s->packing = ZIP;
		else if ((rc = need(s, i + 1, err)) != LODE_OK)
			break;
	s->whole = false;
	if (rc != LODE_OK && rc != ENDED)
		return rc;
	if (s->packing != PLAIN && (s->inflate = malloc(sizeof *s->inflate)) == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	return LODE_OK;
}

static int
skip(struct source *s, uint64_t n, struct err *err)
{
	size_t here;
	int rc;

	for (;;) {
		here = s->n - s->at < n ? s->n - s->at : (size_t)n;
		s->at += here;
		n -= here;
		if (n == 0)
			return LODE_OK;
		if ((rc = need(s, 1, err)) != LODE_OK)
			return rc;
	}
}

/*
 * The inflater gets bare deflate data, and counts the sum for us: headers and trailers are read here, because its own
 * reader of gzip headers (2.30) loses its place when an optional part lies behind a cut.
 */
static void
begin_member(struct source *s)
{
	isal_inflate_init(s->inflate);
	s->inflate->crc_flag = ISAL_GZIP_NO_HDR;
	s->member = INSIDE;
	s->whole = false;
}

/* Inflates what waits into out. ENDED when the input ended before the member did. */
static int
inflate_some(struct source *s, const char *format, char *out, size_t room, size_t *n, struct err *err)
{
	struct inflate_state *z = s->inflate;
	int rc;

	*n = 0;
	z->next_out = (uint8_t *)out;
	z->avail_out = room > ROOM * 16 ? ROOM * 16 : (uint32_t)room;
	for (;;) {
		z->next_in = (uint8_t *)s->in + s->at;
		z->avail_in = (uint32_t)(s->n - s->at);
		if (isal_inflate(z) != ISAL_DECOMP_OK)
			return err_set(err, LODE_EDATA, "damaged %s", format);
		s->at = (size_t)((char *)z->next_in - s->in);
		*n = (size_t)((char *)z->next_out - out);
		if (z->block_state == ISAL_BLOCK_FINISH && z->read_in_length > 0) {
			s->at -= (size_t)z->read_in_length / 8; /* whole bytes it took in advance; BEHIND keeps them */
			z->read_in_length = 0;
		}
		if (*n > 0 || z->block_state == ISAL_BLOCK_FINISH)
			return LODE_OK;
		if ((rc = fill(s, err)) != LODE_OK)
			return rc;
	}
}

static int
skip_text(struct source *s, struct err *err)
{
	int rc;

	do {
		if ((rc = need(s, 1, err)) != LODE_OK)
			return rc;
	} while (s->in[s->at++] != '\0');
	return LODE_OK;
}

/* Magic 2, method 1, flags 1, time 4, hints 2; then by flag an extra field, a name, a comment, a sum of the header. */
static int
gzip_begin(struct source *s, struct err *err)
{
	unsigned flags;
	int rc;

	if ((rc = need(s, 10, err)) != LODE_OK)
		return rc;
	if (!starts(s, "\x1f\x8b\x08", 3))
		return err_set(err, LODE_EDATA, "damaged gzip: no member begins where one should");
	s->whole = true;
	flags = (unsigned char)s->in[s->at + 3];
	s->at += 10;
	if (flags & 4) {
		if ((rc = need(s, 2, err)) != LODE_OK || (rc = skip(s, 2 + le16(s->in + s->at), err)) != LODE_OK)
			return rc;
	}
	if ((flags & 8) && (rc = skip_text(s, err)) != LODE_OK)
		return rc;
	if ((flags & 16) && (rc = skip_text(s, err)) != LODE_OK)
		return rc;
	if ((flags & 2) && (rc = skip(s, 2, err)) != LODE_OK)
		return rc;
	begin_member(s);
	return LODE_OK;
}

static int
gzip_end(struct source *s, struct err *err)
{
	int rc;

	if ((rc = need(s, 8, err)) != LODE_OK)
		return rc;
	if (le32(s->in + s->at) != s->inflate->crc || le32(s->in + s->at + 4) != s->inflate->total_out)
		return err_set(err, LODE_EDATA, "checksum of the gzip is wrong");
	s->at += 8;
	s->member = BETWEEN;
	return LODE_OK;
}

/* Zeros fill the last block on tapes and in some archives. ENDED when nothing else follows. */
static int
gzip_between(struct source *s, struct err *err)
{
	int rc;

	while ((rc = need(s, 1, err)) == LODE_OK && s->in[s->at] == '\0')
		s->at++;
	if (rc == LODE_OK && s->in[s->at] != '\x1f')
		return err_set(err, LODE_EDATA, "damaged gzip: something else follows its end");
	if (rc == LODE_OK)
		s->member = BEFORE;
	return rc;
}

/* ENDED after the last member. */
static int
read_gzip(struct source *s, char *out, size_t room, size_t *n, struct err *err)
{
	int rc = LODE_OK;

	*n = 0;
	while (rc == LODE_OK && *n == 0) {
		if (s->member == BETWEEN && (rc = gzip_between(s, err)) != LODE_OK)
			return rc;
		if (s->member == BEFORE)
			rc = gzip_begin(s, err);
		else if (s->inflate->block_state == ISAL_BLOCK_FINISH)
			rc = gzip_end(s, err);
		else
			rc = inflate_some(s, "gzip", out, room, n, err);
	}
	return rc == ENDED ? err_set(err, LODE_EDATA, "truncated gzip") : rc;
}

/* The sizes of a big member stand in the extra field, and only those whose short form is all ones. */
static void
zip64_sizes(const char *extra, size_t n, uint64_t *size, uint64_t *packed)
{
	size_t length;

	for (; n >= 4; extra += 4 + length, n -= 4 + length) {
		length = le16(extra + 2);
		if (length > n - 4)
			return;
		if (le16(extra) != 1)
			continue;
		if (*size == UINT32_MAX && length >= 8)
			*size = le64(extra + 4);
		if (*packed == UINT32_MAX && length >= 16)
			*packed = le64(extra + 12);
		return;
	}
}

/* The member's own header: signature 4, version 2, flags 2, method 2, time 4, crc 4, packed 4, size 4, name 2, extra 2. */
static int
zip_begin(struct source *s, struct err *err)
{
	uint64_t packed;
	size_t n_name, n_extra;
	const char *p;
	int rc;

	if ((rc = need(s, 30, err)) != LODE_OK)
		return rc;
	n_name = le16(s->in + s->at + 26);
	n_extra = le16(s->in + s->at + 28);
	if ((rc = need(s, 30 + n_name + n_extra, err)) != LODE_OK)
		return rc;
	p = s->in + s->at;
	s->zip.flags = le16(p + 6);
	s->zip.method = le16(p + 8);
	s->zip.crc = le32(p + 14);
	packed = le32(p + 18);
	s->zip.size = le32(p + 22);
	zip64_sizes(p + 30 + n_name, n_extra, &s->zip.size, &packed);
	s->at += 30 + n_name + n_extra;
	if (s->zip.flags & 1)
		return err_set(err, LODE_EDATA, "encrypted zip");
	if (s->zip.method != 0 && s->zip.method != 8)
		return err_set(err, LODE_EDATA, "zip method %u is not supported", s->zip.method);
	if (s->zip.method == 0 && (s->zip.flags & 8))
		return err_set(err, LODE_EDATA, "stored zip member of unknown size is not supported");
	s->zip.left = packed;
	begin_member(s);
	return LODE_OK;
}

/* A descriptor behind the member repeats sum and sizes; its signature is optional, its sizes have 4 bytes each or 8. */
static int
zip_descriptor(struct source *s, struct err *err)
{
	int rc;

	if ((rc = need(s, 16, err)) != LODE_OK)
		return rc;
	if (starts(s, "PK\7\10", 4))
		s->at += 4;
	if ((rc = need(s, 16, err)) != LODE_OK)
		return rc;
	s->zip.crc = le32(s->in + s->at);
	if (memcmp(s->in + s->at + 12, "PK", 2) == 0) {
		s->zip.size = le32(s->in + s->at + 8);
		s->at += 12;
	} else {
		if ((rc = need(s, 20, err)) != LODE_OK)
			return rc;
		s->zip.size = le64(s->in + s->at + 12);
		s->at += 20;
	}
	return LODE_OK;
}

/* What follows the only member: one directory entry, the end record, and what surrounds them in big archives. */
static int
zip_directory(struct source *s, struct err *err)
{
	unsigned n_entries = 0;
	const char *p;
	int rc;

	for (;;) {
		if ((rc = need(s, 20, err)) != LODE_OK)
			return rc;
		if (starts(s, "PK\3\4", 4))
			return err_set(err, LODE_EDATA, "zip with more than one member");
		if (starts(s, "PK\1\2", 4)) {
			if (n_entries++ > 0)
				return err_set(err, LODE_EDATA, "zip with more than one member");
			if ((rc = need(s, 46, err)) != LODE_OK)
				return rc;
			p = s->in + s->at;
			rc = skip(s, 46 + le16(p + 28) + le16(p + 30) + le16(p + 32), err);
		} else if (starts(s, "PK\6\6", 4)) {
			rc = skip(s, 12 + le64(s->in + s->at + 4), err);
		} else if (starts(s, "PK\6\7", 4)) {
			rc = skip(s, 20, err);
		} else if (starts(s, "PK\5\6", 4)) {
			if ((rc = need(s, 22, err)) != LODE_OK)
				return rc;
			while (rc == LODE_OK) { /* to the end, so that a writer before us can finish */
				s->at = s->n;
				rc = fill(s, err);
			}
			s->member = AFTER;
			return rc == ENDED ? LODE_OK : rc;
		} else {
			return err_set(err, LODE_EDATA, "damaged zip: no directory follows the member");
		}
		if (rc != LODE_OK)
			return rc;
	}
}

static int
zip_end(struct source *s, uint32_t crc, uint32_t size, struct err *err)
{
	int rc;

	s->whole = true; /* nothing but the directory follows */
	if ((s->zip.flags & 8) && (rc = zip_descriptor(s, err)) != LODE_OK)
		return rc;
	if (crc != s->zip.crc || size != (uint32_t)s->zip.size)
		return err_set(err, LODE_EDATA, "checksum of the zip is wrong");
	return zip_directory(s, err);
}

/* A stored member keeps its running sum and size in the fields of the inflater, which has nothing else to do then. */
static int
read_stored(struct source *s, char *out, size_t room, size_t *n, struct err *err)
{
	struct inflate_state *z = s->inflate;
	size_t here;
	int rc;

	*n = 0;
	if (s->zip.left == 0) {
		z->block_state = ISAL_BLOCK_FINISH;
		return LODE_OK;
	}
	if ((rc = need(s, 1, err)) != LODE_OK)
		return rc;
	here = s->n - s->at < room ? s->n - s->at : room;
	here = here < s->zip.left ? here : (size_t)s->zip.left;
	memcpy(out, s->in + s->at, here);
	z->crc = crc32_gzip_refl(z->crc, (const unsigned char *)out, here);
	z->total_out += (uint32_t)here;
	s->at += here;
	s->zip.left -= here;
	*n = here;
	return LODE_OK;
}

static int
read_zip(struct source *s, char *out, size_t room, size_t *n, struct err *err)
{
	int rc = LODE_OK;

	*n = 0;
	while (rc == LODE_OK && *n == 0) {
		if (s->member == AFTER)
			return ENDED;
		if (s->member == BEFORE)
			rc = zip_begin(s, err);
		else if (s->inflate->block_state == ISAL_BLOCK_FINISH)
			rc = zip_end(s, s->inflate->crc, s->inflate->total_out, err);
		else if (s->zip.method == 0)
			rc = read_stored(s, out, room, n, err);
		else
			rc = inflate_some(s, "zip", out, room, n, err);
	}
	return rc == ENDED ? err_set(err, LODE_EDATA, "truncated zip") : rc;
}

/* Unpacked bytes. ENDED at the end. */
static int
unpack(struct source *s, char *out, size_t room, size_t *n, struct err *err)
{
	int rc;

	if (s->packing == UNKNOWN && (rc = find_packing(s, err)) != LODE_OK)
		return rc;
	if (s->packing == GZIP)
		return read_gzip(s, out, room, n, err);
	if (s->packing == ZIP)
		return read_zip(s, out, room, n, err);
	if (s->at == s->n)
		return s->in_end ? ENDED : read_some(s, out, room, n, err);
	*n = s->n - s->at < room ? s->n - s->at : room;
	memcpy(out, s->in + s->at, *n);
	s->at += *n;
	return LODE_OK;
}

/* Unpacks more behind what waits in s->text. */
static int
unpack_text(struct source *s, size_t room, struct err *err)
{
	size_t n = 0;
	int rc;

	memmove(s->text, s->text + s->text_at, s->text_n - s->text_at);
	s->text_n -= s->text_at;
	s->text_at = 0;
	rc = unpack(s, s->text + s->text_n, room - s->text_n, &n, err);
	s->text_n += n;
	return rc;
}

/* Looks for a byte order mark, and waits for no byte that the earlier ones have made pointless. */
static int
find_text(struct source *s, struct err *err)
{
	static const struct {
		const char *mark, *encoding;
	} marks[] = { { "\xef\xbb\xbf", NULL }, { "\xff\xfe", "UTF-16LE" }, { "\xfe\xff", "UTF-16BE" } };
	const char *encoding = s->options.utf16;
	size_t i, n;
	int rc;

	for (;;) {
		for (i = 0; i < sizeof marks / sizeof *marks; i++) {
			n = s->text_n < strlen(marks[i].mark) ? s->text_n : strlen(marks[i].mark);
			if (memcmp(s->text, marks[i].mark, n) == 0)
				break;
		}
		if (i == sizeof marks / sizeof *marks)
			break;
		if (n == strlen(marks[i].mark)) {
			if (encoding == NULL)
				encoding = marks[i].encoding;
			if (encoding == NULL || (marks[i].encoding != NULL && strcmp(encoding, marks[i].encoding) == 0))
				s->text_at = n;
			break;
		}
		if ((rc = unpack_text(s, 4, err)) == ENDED)
			break;
		if (rc != LODE_OK)
			return rc;
	}
	if (encoding != NULL && (s->utf16 = iconv_open("UTF-8", encoding)) == (iconv_t)-1)
		return err_set(err, LODE_EUSAGE, "cannot convert from '%s'", encoding);
	s->text_known = true;
	return LODE_OK;
}

static int
read_utf16(struct source *s, char *out, size_t room, size_t *n, struct err *err)
{
	char *from, *to = out;
	size_t n_from, n_to = room;
	int rc;

	for (;;) {
		from = s->text + s->text_at;
		n_from = s->text_n - s->text_at;
		if (iconv(s->utf16, &from, &n_from, &to, &n_to) == (size_t)-1 && errno == EILSEQ && to == out)
			return err_set(err, LODE_EDATA, "not valid UTF-16");
		s->text_at = s->text_n - n_from;
		*n = (size_t)(to - out);
		if (*n > 0)
			return LODE_OK;
		if ((rc = unpack_text(s, ROOM, err)) != LODE_OK)
			return rc == ENDED && s->text_n > 0 ? err_set(err, LODE_EDATA, "not valid UTF-16") : rc;
	}
}

int
source_read(struct source *source, char *out, size_t room, size_t *n, struct err *err)
{
	struct source *s = source;
	int rc = LODE_OK;

	assert(room >= 4);
	if (!s->text_known)
		rc = find_text(s, err);
	if (rc == LODE_OK && s->utf16 != (iconv_t)-1) {
		rc = read_utf16(s, out, room, n, err);
	} else if (rc == LODE_OK && s->text_at < s->text_n) {
		*n = s->text_n - s->text_at < room ? s->text_n - s->text_at : room;
		memcpy(out, s->text + s->text_at, *n);
		s->text_at += *n;
	} else if (rc == LODE_OK) {
		rc = unpack(s, out, room, n, err);
	}
	if (rc != LODE_OK)
		*n = 0;
	return rc == ENDED ? LODE_OK : rc;
}
