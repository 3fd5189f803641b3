#include "tagger.h"

#include <stdlib.h>

struct tagger {
	const struct tagger_tables *tables;
};

int
tagger_new(struct tagger **tagger, const struct tagger_tables *tables, struct err *err)
{
	struct tagger *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	t->tables = tables;
	*tagger = t;
	return LODE_OK;
}

void
tagger_free(struct tagger *tagger)
{
	free(tagger);
}

int
tagger_run(struct tagger *tagger, const struct article *article, void (*on_tag)(void *arg, const struct tagged *tag), void *arg,
    struct err *err)
{
	(void)tagger, (void)article, (void)on_tag, (void)arg, (void)err;
	return LODE_OK;
}
