#include "classes.h"

static bool
is_name(struct str text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if (!((text.p[i] >= 'a' && text.p[i] <= 'z') || char_is_digit(text.p[i]) || text.p[i] == '-'))
			return false;
	return true;
}

static int
check(const struct table *table, bool has_severity, struct err *err)
{
	struct str class;
	double severity;
	size_t row;

	for (row = 0; row < table->n; row++) {
		if ((class = table_get(table, row, "class")).n == 0)
			continue;
		if (!is_name(class)) {
			err_set(err, LODE_EUSAGE, "'%.*s' is not the name of a class", STR_ARG(class));
			return table_blame(table, row, "class", err);
		}
		if (has_severity && table_double(table, row, "severity", &severity, err) != LODE_OK)
			return err->code;
		if (has_severity && !(severity >= 0 && severity <= 1)) {
			err_set(err, LODE_EUSAGE, "a severity is a number from 0 to 1");
			return table_blame(table, row, "severity", err);
		}
	}
	return LODE_OK;
}

int
classes_load(struct classes *classes, const char *path, struct err *err)
{
	static const char *const columns[] = { "code", "class", "source", NULL };
	struct table table = { 0 };
	bool has_severity = false;
	int rc = table_load(&table, path, columns, err);

	if (rc == LODE_OK) {
		has_severity = header_find(&table.header, STR("severity")) >= 0;
		rc = check(&table, has_severity, err);
	}
	if (rc == LODE_OK)
		rc = codes_new(&classes->class, &table, NULL, NULL, "code", "class", err);
	if (rc == LODE_OK && has_severity)
		rc = codes_new(&classes->severity, &table, NULL, NULL, "code", "severity", err);
	table_release(&table);
	return rc;
}

void
classes_release(struct classes *classes)
{
	codes_free(classes->class);
	codes_free(classes->severity);
	*classes = (struct classes){ 0 };
}

bool
classes_get(const struct classes *classes, struct str code, struct str *class, struct str *severity)
{
	struct str found = codes_get(classes->class, code);

	if (found.p == NULL)
		return false;
	*class = found;
	*severity = classes->severity == NULL ? STR("1") : codes_get(classes->severity, code);
	return true;
}

bool
classes_get_prefix(const struct classes *classes, struct str code, struct str *class, struct str *severity)
{
	while (code.n > 0 && !classes_get(classes, code, class, severity))
		code.n--;
	return code.n > 0;
}
