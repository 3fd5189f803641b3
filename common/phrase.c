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

/* What is still to be written out. */
struct rest {
	struct str text;
	const struct rest *next;
};

/* The part of a group up to the next | or the end of the group, at the depth of the group itself; false when the group does not end. */
static bool
next_part(struct str *text, struct str *part, bool *last)
{
	size_t i, depth = 0;

	for (i = 0; i < text->n; i++) {
		if (text->p[i] == '(')
			depth++;
		else if (depth == 0 && (text->p[i] == '|' || text->p[i] == ')')) {
			*last = text->p[i] == ')';
			*part = (struct str){ text->p, i };
			*text = (struct str){ text->p + i + 1, text->n - i - 1 };
			return true;
		} else if (text->p[i] == ')')
			depth--;
	}
	return false;
}

/* n bytes of the variant are there. Depth is bounded by the groups, which are bounded by the length of a phrase. */
static int
expand(struct work *work, size_t n, const struct rest *rest, struct err *err)
{
	struct rest part, tail;
	struct str text, alternative;
	const char *open;
	bool last = false;
	int rc;

	for (; rest != NULL; rest = rest->next) {
		text = rest->text;
		open = text.n == 0 ? NULL : memchr(text.p, '(', text.n);
		if (text.n > 0 && memchr(text.p, ')', open == NULL ? text.n : (size_t)(open - text.p)) != NULL)
			return refuse(work, err, "has an unmatched parenthesis");
		if (!add(work, &n, (struct str){ text.p, open == NULL ? text.n : (size_t)(open - text.p) }))
			return refuse(work, err, "has a variant that is too long");
		if (open != NULL)
			break;
	}
	if (rest == NULL)
		return finish(work, n, err);
	text = (struct str){ open + 1, (size_t)(text.p + text.n - open) - 1 };
	/* Where the group ends, so that each part has the same tail. */
	tail = (struct rest){ text, rest->next };
	while (!last)
		if (!next_part(&tail.text, &alternative, &last))
			return refuse(work, err, "has an unmatched parenthesis");
	for (last = false; !last;) {
		(void)next_part(&text, &alternative, &last);
		part = (struct rest){ alternative, &tail };
		if ((rc = expand(work, n, &part, err)) != LODE_OK)
			return rc;
	}
	return LODE_OK;
}

int
phrase_forms(struct str phrase, size_t max, size_t size, int (*take)(void *arg, struct str form, struct err *err), void *arg,
    struct err *err)
{
	struct work work = { .phrase = phrase, .left = max, .size = size < ROOM ? size : ROOM, .take = take, .arg = arg };
	const struct rest rest = { phrase, NULL };

	if (phrase.n > 4 * ROOM)
		return refuse(&work, err, "is too long");
	return expand(&work, 0, &rest, err);
}
