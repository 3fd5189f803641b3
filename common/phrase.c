#include "phrase.h"

#include <stdbool.h>

enum { ROOM = 512 };

struct work {
	struct str phrase;
	size_t left, size; /* variants that may still come; bytes of one */
	int (*take)(void *arg, struct str form, struct err *err);
	void *arg;
	char text[ROOM];
};

static int
refuse(const struct work *work, struct err *err, const char *what)
{
	return err_set(err, LODE_EUSAGE, "'%.*s' %s", STR_ARG(work->phrase), what);
}

static bool
add(struct work *work, size_t *n, struct str part)
{
	if (part.n > work->size - *n)
		return false;
	memcpy(work->text + *n, part.p, part.n);
	*n += part.n;
	return true;
}

static int
finish(struct work *work, size_t n, struct err *err)
{
	struct str form = str_trim((struct str){ work->text, n });

	if (form.n == 0)
		return refuse(work, err, "has an empty variant");
	if (work->left == 0)
		return refuse(work, err, "stands for too many variants");
	work->left--;
	return work->take(work->arg, form, err);
}

/* n bytes of the variant are there; rest is what is still to be written out. Depth is bounded by the groups, which are bounded by ROOM. */
static int
expand(struct work *work, size_t n, struct str rest, struct err *err)
{
	const char *open = rest.n == 0 ? NULL : memchr(rest.p, '(', rest.n), *close;
	struct str plain = { rest.p, open == NULL ? rest.n : (size_t)(open - rest.p) }, group, part;
	size_t at;
	int rc;

	if (plain.n > 0 && memchr(plain.p, ')', plain.n) != NULL)
		return refuse(work, err, "has an unmatched parenthesis");
	if (!add(work, &n, plain))
		return refuse(work, err, "has a variant that is too long");
	if (open == NULL)
		return finish(work, n, err);
	rest = (struct str){ open + 1, rest.n - plain.n - 1 };
	if ((close = rest.n == 0 ? NULL : memchr(rest.p, ')', rest.n)) == NULL || memchr(rest.p, '(', (size_t)(close - rest.p)) != NULL)
		return refuse(work, err, "has an unmatched parenthesis");
	group = (struct str){ rest.p, (size_t)(close - rest.p) };
	rest = (struct str){ close + 1, rest.n - group.n - 1 };
	while (str_split(&group, '|', &part)) {
		at = n;
		if (!add(work, &at, part))
			return refuse(work, err, "has a variant that is too long");
		if ((rc = expand(work, at, rest, err)) != LODE_OK)
			return rc;
	}
	return LODE_OK;
}

int
phrase_forms(struct str phrase, size_t max, size_t size, int (*take)(void *arg, struct str form, struct err *err), void *arg,
    struct err *err)
{
	struct work work = { .phrase = phrase, .left = max, .size = size < ROOM ? size : ROOM, .take = take, .arg = arg };

	if (phrase.n > 2 * ROOM)
		return refuse(&work, err, "is too long");
	return expand(&work, 0, phrase, err);
}
