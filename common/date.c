#include "date.h"

#include "instant.h"

enum part { YEAR, MONTH, DAY, N_PARTS };
enum { NONE = -1 };

static const struct {
	const char *word;
	enum part part;
	size_t low, high; /* digits; 0 for a name */
} tokens[] = {
	{ "YYYY", YEAR, 4, 4 },
	{ "Month", MONTH, 0, 0 },
	{ "MM", MONTH, 2, 2 },
	{ "M", MONTH, 1, 2 },
	{ "DD", DAY, 2, 2 },
	{ "D", DAY, 1, 2 },
};

enum { N_TOKENS = sizeof tokens / sizeof tokens[0] };

static const char *const months[] = {
	"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
};

/* Takes low to high digits off text. */
static bool
take_digits(struct str *text, size_t low, size_t high, int *number)
{
	size_t n = 0;

	for (*number = 0; n < high && n < text->n && char_is_digit(text->p[n]); n++)
		*number = *number * 10 + (text->p[n] - '0');
	text->p += n;
	text->n -= n;
	return n >= low;
}

static bool
take_month(struct str *text, int *month)
{
	size_t n = 0, k;

	while (n < text->n && ((text->p[n] | 0x20) >= 'a' && (text->p[n] | 0x20) <= 'z'))
		n++;
	for (*month = 1; *month <= 12; ++*month) {
		const char *name = months[*month - 1];

		if (n != 3 && n != strlen(name))
			continue;
		for (k = 0; k < n && (text->p[k] | 0x20) == name[k];)
			k++;
		if (k == n) {
			text->p += n;
			text->n -= n;
			return true;
		}
	}
	return false;
}

/* Takes a token off the form, or one character that stands for itself (N_TOKENS, and the character). *quoted: inside quotes. */
static size_t
take_token(struct str *form, bool *quoted, char *literal)
{
	size_t i = 0, n = 1;

	while (form->n > 1 && form->p[0] == '\'') {
		*quoted = !*quoted;
		form->p++, form->n--;
	}
	while (i < N_TOKENS && (*quoted || !str_starts(*form, str_of(tokens[i].word))))
		i++;
	if (i < N_TOKENS)
		n = strlen(tokens[i].word);
	*literal = form->p[0];
	form->p += n;
	form->n -= n;
	if (form->n == 1 && form->p[0] == '\'' && *quoted) { /* nothing behind it */
		*quoted = false;
		form->n = 0;
	}
	return i;
}

static bool
fits(struct str text, struct str form, int part[N_PARTS])
{
	size_t i;
	char literal;
	bool ok, quoted = false;

	part[YEAR] = part[MONTH] = part[DAY] = NONE;
	while (form.n > 0) {
		i = take_token(&form, &quoted, &literal);
		if (i < N_TOKENS)
			ok = tokens[i].low == 0 ? take_month(&text, &part[MONTH]) : take_digits(&text, tokens[i].low, tokens[i].high, &part[tokens[i].part]);
		else if ((ok = text.n > 0 && text.p[0] == literal))
			text.p++, text.n--;
		if (!ok)
			return false;
	}
	return text.n == 0;
}

static bool
to_period(const int part[N_PARTS], struct period *period)
{
	int year = part[YEAR], month = part[MONTH], day = part[DAY];

	if (year < 1 || (month != NONE && (month < 1 || month > 12)) || (day != NONE && (day < 1 || day > days_in_month(year, month))))
		return false;
	if (day != NONE) {
		period->kind = PERIOD_DAY;
		period->first = period->last = civil_to_days(year, month, day);
	} else if (month != NONE) {
		*period = period_of_month(month_number(year, month));
	} else {
		*period = (struct period){ PERIOD_YEAR, month_number(year, 1), month_number(year, 12) };
	}
	return true;
}

int
date_parse(struct str text, struct str forms, struct period *period, struct err *err)
{
	struct str rest = forms, form;
	int part[N_PARTS];

	while (str_split(&rest, '|', &form))
		if (fits(text, form, part) && to_period(part, period))
			return LODE_OK;
	return err_set(err, LODE_EDATA, "'%.*s' is not a date like %.*s", STR_ARG(text), STR_ARG(forms));
}

int
date_check(struct str forms, struct err *err)
{
	struct str rest = forms, form, left;
	size_t i;
	char literal;

	while (str_split(&rest, '|', &form)) {
		bool has[N_PARTS] = { false }, quoted = false;

		for (left = form; left.n > 0;)
			if ((i = take_token(&left, &quoted, &literal)) < N_TOKENS)
				has[tokens[i].part] = true;
		if (!has[YEAR] || (has[DAY] && !has[MONTH]) || quoted)
			return err_set(err, LODE_EUSAGE, "'%.*s' is not a form of a date like YYYY-MM-DD", STR_ARG(form));
	}
	return LODE_OK;
}
