#include "when.h"

#include <stdlib.h>

#include "instant.h"

/*
 * Months that a part of a year to come may be ahead: "the second half" of May or June is the next one, where something is expected earlier too.
 * NEXT_DAY: a day without a year that would be so many months ago is the next one.
 */
enum { SOON = 2, AHEAD = 6, NEXT_DAY = 10 };

struct reader {
	const struct sentence *s;
	struct today today;
	size_t at;            /* where the date begins */
	struct when *when;    /* being filled */
};

/* A small whole number in text, or -1. */
static int
number_of(struct str text)
{
	bool minus = text.n > 1 && text.p[0] == '-';
	int n;

	text.p += minus;
	text.n -= minus;
	if (!str_is_digits(text) || text.n > 4)
		return -1000;
	n = civil_digits(text.p, (int)text.n);
	return minus ? -n : n;
}

/* Blanks, and the words that stand between the parts of a date. */
static size_t
skip(const struct sentence *s, size_t at)
{
	size_t end;

	while (at < s->end)
		if (s->text.p[at] == ' ' || s->text.p[at] == '-')
			at++;
		else if (sentence_starts(s, at, ", "))
			at += 2;
		else if (char_is_letter(s->text.p[at]) && sentence_word_at(s, SET_OF, at, &end) != NULL)
			at = end;
		else
			break;
	return at;
}

/* Behind the dash or the words between two months, "through" or "to the end of"; the same byte where there is neither. */
static size_t
skip_range(const struct sentence *s, size_t at)
{
	size_t end;

	for (;;)
		if (sentence_starts(s, at, "–"))
			at += 3;
		else if (sentence_word_at(s, SET_RANGE, at, &end) != NULL)
			at = skip(s, end);
		else
			return at;
}

/* Up to four digits with none beside them; 0 bytes when there are none. */
static size_t
digits_at(const struct sentence *s, size_t at, int *value)
{
	size_t n = 0;

	while (at + n < s->end && char_is_digit(s->text.p[at + n]))
		n++;
	if (n == 0 || n > 4 || (at > s->start && (char_is_digit(s->text.p[at - 1]) || ((s->text.p[at - 1] == '.' || s->text.p[at - 1] == ',') &&
	    at > s->start + 1 && char_is_digit(s->text.p[at - 2])))))
		return 0;
	*value = civil_digits(s->text.p + at, (int)n);
	return n;
}

static size_t
year_at(const struct sentence *s, size_t at, int *year)
{
	size_t n = digits_at(s, at, year);

	/* 2,025 and 2025.5 are no years, "in 2025." is one. */
	if (n != 4 || *year < 1980 || *year > 2099)
		return 0;
	if ((sentence_starts(s, at + n, ".") || sentence_starts(s, at + n, ",")) && at + n + 1 < s->end && char_is_digit(s->text.p[at + n + 1]))
		return 0;
	return n;
}

static int32_t
this_month(const struct reader *r)
{
	int year, month, day;

	civil_from_days(r->today.day, &year, &month, &day);
	return month_number(year, month);
}

static bool
set(struct reader *r, size_t end, enum period_kind kind, int32_t first, int32_t last)
{
	struct when *when = r->when;

	when->end = (uint32_t)end;
	when->known = true;
	when->period = (struct period){ kind, first, last };
	when->background = r->today.known && period_end(when->period) < r->today.day - WHEN_BACKGROUND;
	return true;
}

static bool
set_unknown(struct reader *r, size_t end, bool background)
{
	r->when->end = (uint32_t)end;
	r->when->known = false;
	r->when->background = background;
	return true;
}

static bool
looks_ahead(const struct sentence *s)
{
	static const enum set words[] = { SET_WILL, SET_WOULD, SET_POSSIBLE, SET_DOUBTFUL };
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (sentence_first(s, words[i], s->start, s->end) != NULL)
			return true;
	return false;
}

/* The month of that number without a year: the latest one or, where the sentence looks ahead, one of the three to come. */
static int32_t
nearest_month(const struct reader *r, int month, bool past)
{
	int32_t now = this_month(r);
	int ahead = ((month - month_of_year(now)) % 12 + 12) % 12, reach = 0;
	const struct mark *from = sentence_last(r->s, SET_FROM, r->s->start, r->at);

	if (!past && (looks_ahead(r->s) || (from != NULL && sentence_words(r->s, from->end, r->at) == 0)))
		reach = 3;
	/* "Last October" of an article of October is that of the year before. */
	return now + ahead - (ahead > reach || (past && ahead == 0) ? 12 : 0);
}

static bool
set_day(struct reader *r, size_t end, int year, int month, int day)
{
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	return set(r, end, PERIOD_DAY, civil_to_days(year, month, day), civil_to_days(year, month, day));
}

static bool
set_near_day(struct reader *r, size_t end, int month, int day)
{
	int32_t number;

	if (!r->today.known)
		return set_unknown(r, end, false);
	r->when->relative = true;
	number = nearest_month(r, month, false);
	/* "By 10 May" of an article of April is not that of last year. */
	if (number <= this_month(r) - NEXT_DAY)
		number += 12;
	return set_day(r, end, month_year(number), month, day);
}

/* Months first..last of a year, 0 for the nearest such. */
static bool
set_months(struct reader *r, size_t end, int year, int first, int last, bool past)
{
	int32_t from, to;

	if (first < 1 || last > 12 || first > last)
		return false;
	if (year == 0 && !r->today.known)
		return set_unknown(r, end, past);
	to = year == 0 ? nearest_month(r, last, past) : month_number(year, last);
	from = to - (last - first);
	return set(r, end, from == to ? PERIOD_MONTH : PERIOD_SPAN, from, to);
}

/* "2025", "this year", "last year" or 去年 at that place. */
static size_t
year_words_at(const struct reader *r, size_t at, int *year)
{
	const struct sentence *s = r->s;
	size_t n = year_at(s, at, year);
	const struct mark *mark, *span;
	int back = -1;

	if (n > 0)
		return sentence_starts(s, at + n, "年") ? n + 3 : n;
	if ((mark = sentence_at(s, SET_LAST, at)) != NULL)
		back = 1;
	else if ((mark = sentence_at(s, SET_THIS, at)) != NULL)
		back = 0;
	if (back < 0 || !r->today.known)
		return 0;
	n = mark->end - at;
	if (!str_is(sentence_class(r->s, mark), "year")) {
		span = sentence_at(s, SET_SPAN, skip(s, mark->end));
		if (sentence_class(r->s, mark).n > 0 || span == NULL || !str_is(sentence_class(r->s, span), "year"))
			return 0;
		n = span->end - at;
	}
	*year = month_year(this_month(r)) - back;
	return n;
}

/* The year that may follow a date ends it there. */
static size_t
after_year(const struct reader *r, size_t end, int *year)
{
	size_t at = skip(r->s, end), n = year_words_at(r, at, year);

	if (n == 0)
		*year = 0;
	return n == 0 ? end : at + n;
}

/* The year that stands before, as in 2025年前五个月; found as a date of its own before this one. */
static int
year_before(const struct reader *r, const struct when *list, size_t n)
{
	const struct when *before = n == 0 ? NULL : &list[n - 1];

	if (before == NULL || !before->known || before->period.kind != PERIOD_YEAR || sentence_words(r->s, before->end, r->at) > 0)
		return 0;
	return month_year(before->period.first);
}

/* May 15, 2025; May 2025; January-May; May. */
static bool
month_first(struct reader *r, const struct mark *mark, bool past)
{
	const struct sentence *s = r->s;
	int month = number_of(sentence_class(r->s, mark)), day = 0, year = 0;
	size_t at = skip(s, mark->end), n, end;
	const struct mark *last;

	if (month < 1 || month > 12)
		return false;
	if (sentence_starts(s, mark->end, "."))
		at = skip(s, mark->end + 1);
	n = skip_range(s, at);
	if ((n > at || sentence_starts(s, mark->end, "-")) && (last = sentence_at(s, SET_MONTH, n)) != NULL && number_of(sentence_class(r->s, last)) > month) {
		end = after_year(r, last->end, &year);
		return set_months(r, end, year, month, number_of(sentence_class(r->s, last)), past);
	}
	n = digits_at(s, at, &day);
	if (n > 0 && n <= 2 && day >= 1 && day <= 31 && !sentence_starts(s, at + n, "%") && !sentence_starts(s, at + n, ",0")) {
		end = at + n;
		if (sentence_starts(s, end, "st") || sentence_starts(s, end, "nd") || sentence_starts(s, end, "rd") || sentence_starts(s, end, "th"))
			end += 2;
		end = after_year(r, end, &year);
		return year > 0 ? set_day(r, end, year, month, day) : set_near_day(r, end, month, day);
	}
	end = after_year(r, mark->end, &year);
	/* "By June" is still to come. */
	if (year == 0 && r->today.known && !past && sentence_word_before(s, SET_DEADLINE, mark->start, &n) != NULL) {
		int32_t now = this_month(r), to = now + ((month - month_of_year(now)) % 12 + 12) % 12;

		return set(r, end, PERIOD_MONTH, to, to);
	}
	return set_months(r, end, year, month, month, past);
}

static bool
back_by(struct reader *r, size_t end, int count, struct str span)
{
	int32_t month;

	if (!r->today.known)
		return set_unknown(r, end, (str_is(span, "year") && count > 0) || (str_is(span, "month") && count > 3));
	r->when->relative = true;
	month = this_month(r);
	if (str_is(span, "day"))
		return set(r, end, PERIOD_DAY, r->today.day - count, r->today.day - count);
	if (str_is(span, "week")) {
		struct period day = { PERIOD_DAY, r->today.day - 7 * count, r->today.day - 7 * count };

		return set(r, end, PERIOD_MONTH, period_first_month(day), period_first_month(day));
	}
	if (str_is(span, "month"))
		return set(r, end, PERIOD_MONTH, month - count, month - count);
	if (str_is(span, "quarter")) {
		month = month - month % 3 - 3 * count;
		return set(r, end, PERIOD_QUARTER, month, month + 2);
	}
	if (str_is(span, "half")) {
		month = month - month % 6 - 6 * count;
		return set(r, end, PERIOD_SPAN, month, month + 5);
	}
	month = month - month % 12 - 12 * count;
	return str_is(span, "year") && set(r, end, PERIOD_YEAR, month, month + 11);
}

/* "A year ago today", "two years ago this week", 一年前的今天: one date. */
static size_t
after_today(const struct sentence *s, size_t end)
{
	size_t at = sentence_starts(s, end, "的") ? end + 3 : skip(s, end);
	const struct mark *day = sentence_at(s, SET_DAY, at), *this = sentence_at(s, SET_THIS, at), *span;

	if (day != NULL)
		return day->end;
	span = this == NULL ? NULL : sentence_at(s, SET_SPAN, skip(s, this->end));
	return span != NULL ? span->end : end;
}

/* Last week, this month, last October, next Monday; 上周, 去年. */
static bool
relative(struct reader *r, const struct mark *mark, int back)
{
	const struct sentence *s = r->s;
	struct str class = sentence_class(r->s, mark);
	size_t at = skip(s, mark->end);
	const struct mark *what;
	int32_t day;

	if (class.n > 0) {
		/* 本月10日, 去年10月 */
		if (str_is(class, "month") && r->today.known) {
			int number;
			size_t n = digits_at(s, mark->end, &number);

			if (n > 0 && (sentence_starts(s, mark->end + n, "日") || sentence_starts(s, mark->end + n, "号"))) {
				r->when->relative = true;
				return set_day(r, mark->end + n + 3, month_year(this_month(r) - back), month_of_year(this_month(r) - back), number);
			}
		}
		if (str_is(class, "year") && r->today.known) {
			int month, number;
			size_t n = digits_at(s, mark->end, &month);

			if (n > 0 && sentence_starts(s, mark->end + n, "月")) {
				size_t end = mark->end + n + 3, more = digits_at(s, end, &number);

				r->when->relative = true;
				if (more > 0 && (sentence_starts(s, end + more, "日") || sentence_starts(s, end + more, "号")))
					return set_day(r, end + more + 3, month_year(this_month(r)) - back, month, number);
				return set_months(r, end, month_year(this_month(r)) - back, month, month, false);
			}
		}
		return back_by(r, mark->end, back, class);
	}
	if ((what = sentence_at(s, SET_SPAN, at)) != NULL)
		return back_by(r, what->end, back, sentence_class(r->s, what));
	if ((what = sentence_at(s, SET_MONTH, at)) != NULL) {
		r->when->relative = true;
		if (back == 1)
			return month_first(r, what, true);
		return month_first(r, what, false);
	}
	if ((what = sentence_at(s, SET_WEEKDAY, at)) != NULL) {
		if (!r->today.known)
			return set_unknown(r, what->end, false);
		r->when->relative = true;
		day = r->today.day - ((r->today.day + 3) % 7 - number_of(sentence_class(r->s, what)) + 8) % 7;
		if (back == 1 && day == r->today.day)
			day -= 7;
		if (back == -1)
			day += 7;
		return set(r, what->end, PERIOD_DAY, day, day);
	}
	return false;
}

/* 三个季度, but 五个月, whose 个 is a part of the word. */
static size_t
after_counter(const struct sentence *s, size_t at)
{
	return sentence_starts(s, at, "个") && sentence_at(s, SET_SPAN, at) == NULL ? at + 3 : at;
}

/* First five months of 2025, second quarter, first half; 前五个月, 上半年. */
static bool
part_of_year(struct reader *r, const struct mark *mark, const struct when *list, size_t n)
{
	const struct sentence *s = r->s;
	struct str class = sentence_class(r->s, mark), span;
	const struct mark *what;
	size_t at = skip(s, mark->end), end, width;
	int part, count = 1, year, first, last;

	if (class.n == 2 && (class.p[0] == 'Q' || class.p[0] == 'H') && char_is_digit(class.p[1])) {
		part = class.p[1] - '0';
		span = class.p[0] == 'Q' ? STR("quarter") : STR("half");
		end = mark->end;
	} else {
		part = number_of(class);
		if ((what = sentence_at(s, SET_NUMBER, at)) != NULL) {
			count = number_of(sentence_class(r->s, what));
			at = skip(s, what->end);
		} else if ((width = digits_at(s, at, &count)) > 0)
			at = skip(s, at + width);
		if ((what = sentence_at(s, SET_SPAN, after_counter(s, at))) == NULL)
			return false;
		span = sentence_class(r->s, what);
		end = what->end;
	}
	if (part < 1 || count < 1)
		return false;
	if (str_is(span, "month") && part == 1)
		first = 1, last = count;
	else if (str_is(span, "quarter") && part <= 4)
		first = part * 3 - 2, last = (part + count - 1) * 3;
	else if (str_is(span, "half") && part <= 2)
		first = part * 6 - 5, last = part * 6;
	else
		return false;
	if ((year = year_before(r, list, n)) > 0)
		r->when->start = list[n - 1].start;
	else
		end = after_year(r, end, &year);
	if (year == 0 && r->today.known) {
		/* The latest one that has begun. */
		year = month_year(this_month(r));
		if (month_number(year, first) > this_month(r) + (looks_ahead(r->s) ? AHEAD : SOON))
			year--;
		r->when->relative = true;
	}
	if (last > 12)
		return false;
	if (year > 0 && str_is(span, "quarter") && count == 1)
		return set(r, end, PERIOD_QUARTER, month_number(year, first), month_number(year, last));
	return set_months(r, end, year, first, last, false);
}

/* 10月前, 4月底前: by that month; 5月前两周 is not. */
static bool
is_deadline(const struct sentence *s, size_t at)
{
	const struct entry *word = sentence_word_at(s, SET_DEADLINE, at, &at);

	return word != NULL && str_is(word->name, "behind") && !(at < s->end && char_is_digit(s->text.p[at])) && sentence_at(s, SET_NUMBER, at) == NULL;
}

/* 第18号, 〔2025〕18号, 18号公告: the number of a notice. */
static bool
is_numbered(const struct sentence *s, size_t start, size_t end)
{
	const struct entry *before = sentence_word_before(s, SET_NOTICE, start, &start);
	const struct entry *after = sentence_starts(s, end, "号") ? sentence_word_at(s, SET_NOTICE, end + 3, &end) : NULL;

	return (before != NULL && !str_is(before->name, "behind")) || (after != NULL && str_is(after->name, "behind"));
}

/* 2025年10月18日, 10月18日, 1-5月, 18日; at the month's digits, year 0 when none is before. */
static bool
chinese(struct reader *r, size_t at, int year)
{
	const struct sentence *s = r->s;
	int month, last, day;
	size_t n = digits_at(s, at, &month), more;

	if (n == 0 || n > 2 || is_numbered(s, at, at + n))
		return false;
	at += n;
	if (year == 0 && (sentence_starts(s, at, "日") || sentence_starts(s, at, "号")) && n <= 2) {
		if (!r->today.known)
			return set_unknown(r, at + 3, false);
		r->when->relative = true;
		{
			int y, m, d;

			civil_from_days(r->today.day, &y, &m, &d);
			if (month > d && --m == 0)
				m = 12, y--;
			return set_day(r, at + 3, y, m, month);
		}
	}
	more = at;
	if (sentence_starts(s, more, "-") || sentence_starts(s, more, "—") || sentence_starts(s, more, "–") || sentence_starts(s, more, "至") || sentence_starts(s, more, "到"))
		more += sentence_starts(s, more, "-") ? 1 : 3;
	if (sentence_starts(s, at, "月") && (sentence_starts(s, at + 3, "至") || sentence_starts(s, at + 3, "-")))
		more = at + 3 + (sentence_starts(s, at + 3, "-") ? 1 : 3);
	if (more > at && (n = digits_at(s, more, &last)) > 0 && n <= 2 && sentence_starts(s, more + n, "月"))
		return set_months(r, more + n + 3, year, month, last, false);
	if (!sentence_starts(s, at, "月") || month < 1 || month > 12)
		return false;
	at += 3;
	n = digits_at(s, at, &day);
	if (n > 0 && n <= 2 && (sentence_starts(s, at + n, "日") || sentence_starts(s, at + n, "号")))
		return year > 0 ? set_day(r, at + n + 3, year, month, day) : set_near_day(r, at + n + 3, month, day);
	if (year == 0 && r->today.known && is_deadline(s, at)) {
		last = this_month(r) + ((month - month_of_year(this_month(r))) % 12 + 12) % 12;
		return set(r, at, PERIOD_MONTH, last, last);
	}
	return set_months(r, sentence_starts(s, at, "份") ? at + 3 : at, year, month, month, false);
}

/* What begins with a digit. */
static bool
number_first(struct reader *r)
{
	const struct sentence *s = r->s;
	const struct mark *mark;
	int value, year;
	size_t n = digits_at(s, r->at, &value), at = r->at + n, end;
	struct period period;
	struct err ignored;

	if (n == 0)
		return false;
	if (n == 4 && s->end - r->at >= 10 && sentence_starts(s, at, "-") && period_parse((struct str){ s->text.p + r->at, 10 }, &period, &ignored) == LODE_OK)
		return set(r, r->at + 10, PERIOD_DAY, period.first, period.last);
	if (n <= 2 && chinese(r, r->at, 0))
		return true;
	if (n <= 2 && value >= 1 && value <= 31 && (mark = sentence_at(s, SET_MONTH, skip(s, at))) != NULL && !sentence_starts(s, at, "%")) {
		int month = number_of(sentence_class(r->s, mark));

		end = after_year(r, mark->end, &year);
		return year > 0 ? set_day(r, end, year, month, value) : set_near_day(r, end, month, value);
	}
	if (year_at(s, r->at, &year) > 0 && sentence_starts(s, at, "年")) {
		r->when->end = (uint32_t)at + 3;
		return chinese(r, at + 3, year) || set(r, at + 3, PERIOD_YEAR, month_number(year, 1), month_number(year, 12));
	}
	if ((mark = sentence_at(s, SET_SPAN, after_counter(s, skip(s, at)))) != NULL) {
		const struct mark *ago = sentence_at(s, SET_AGO, skip(s, mark->end));

		return ago != NULL && back_by(r, after_today(s, ago->end), value, sentence_class(r->s, mark));
	}
	if (year_at(s, r->at, &year) == 0)
		return false;
	at = r->at + n;
	if (sentence_at(s, SET_UNIT, skip(s, at)) != NULL || sentence_at(s, SET_SCALE, skip(s, at)) != NULL || sentence_at(s, SET_PERCENT, skip(s, at)) != NULL ||
	    sentence_at(s, SET_CURRENCY, skip(s, at)) != NULL || (r->at > s->start && (s->text.p[r->at - 1] == '$' || s->text.p[r->at - 1] == '/')))
		return false;
	return set(r, at, PERIOD_YEAR, month_number(year, 1), month_number(year, 12));
}

static bool
read_date(struct reader *r, const struct when *list, size_t n)
{
	static const struct { enum set set; int back; } relatives[] = { { SET_LAST, 1 }, { SET_THIS, 0 }, { SET_NEXT, -1 } };
	const struct sentence *s = r->s;
	const struct mark *mark, *span, *ago;
	size_t i;

	if (char_is_digit(s->text.p[r->at]))
		return number_first(r);
	if ((mark = sentence_at(s, SET_MONTH, r->at)) != NULL)
		return month_first(r, mark, false);
	if ((mark = sentence_at(s, SET_FIRST, r->at)) != NULL && part_of_year(r, mark, list, n))
		return true;
	for (i = 0; i < 3; i++)
		if ((mark = sentence_at(s, relatives[i].set, r->at)) != NULL && relative(r, mark, relatives[i].back))
			return true;
	/* "A year ago" */
	if ((span = sentence_at(s, SET_SPAN, r->at)) != NULL && (ago = sentence_at(s, SET_AGO, skip(s, span->end))) != NULL &&
	    (unsigned char)s->text.p[r->at] < 0x80)
		return back_by(r, after_today(s, ago->end), 1, sentence_class(r->s, span));
	if ((mark = sentence_at(s, SET_WEEKDAY, r->at)) != NULL) {
		int32_t day = r->today.day - ((r->today.day + 3) % 7 - number_of(sentence_class(r->s, mark)) + 8) % 7;

		r->when->relative = true;
		return r->today.known ? set(r, mark->end, PERIOD_DAY, day, day) : set_unknown(r, mark->end, false);
	}
	if ((mark = sentence_at(s, SET_DAY, r->at)) != NULL)
		return back_by(r, mark->end, -number_of(sentence_class(r->s, mark)), STR("day"));
	if ((mark = sentence_at(s, SET_NUMBER, r->at)) != NULL) {
		span = sentence_at(s, SET_SPAN, after_counter(s, skip(s, mark->end)));
		ago = span == NULL ? NULL : sentence_at(s, SET_AGO, skip(s, span->end));
		return ago != NULL && back_by(r, after_today(s, ago->end), number_of(sentence_class(r->s, mark)), sentence_class(r->s, span));
	}
	return false;
}

size_t
when_find(const struct sentence *sentence, struct today today, struct when when[WHEN_MAX])
{
	struct reader r = { sentence, today, sentence->start, NULL };
	size_t n = 0, next_mark = 0;

	while (r.at < sentence->end && n < WHEN_MAX) {
		while (next_mark < sentence->n && sentence->marks[next_mark].start < r.at)
			next_mark++;
		if (!char_is_digit(sentence->text.p[r.at]) && (next_mark == sentence->n || sentence->marks[next_mark].start != r.at)) {
			r.at++;
			continue;
		}
		when[n] = (struct when){ .start = (uint32_t)r.at };
		r.when = &when[n];
		if (read_date(&r, when, n)) {
			/* 2025年 and then 前五个月 are one date. */
			if (n > 0 && when[n].start == when[n - 1].start)
				when[n - 1] = when[n];
			else
				n++;
			r.at = r.when->end > r.at ? r.when->end : r.at + 1;
			continue;
		}
		if (char_is_digit(sentence->text.p[r.at]))
			while (r.at < sentence->end && char_is_digit(sentence->text.p[r.at]))
				r.at++;
		else
			r.at++;
	}
	return n;
}
