/*
 * make-gacc - a large file in the shape of an export of the query of China's customs, always the same for the same size
 *
 * usage: make-gacc MEGABYTES > FILE
 *
 * GB18030, all fields quoted, a trailing comma, CR LF, thousands separators. Months follow one another; 15 partners, 1200 codes of eight
 * digits, about 2 % of them 2846 and 2805; one in ten has pieces for its second quantity, the others "0" of "?".
 */
#include "make.h"

/* 数据年月 商品编码 商品名称 贸易伙伴编码 贸易伙伴名称 第一数量 第一计量单位 第二数量 第二计量单位 美元 */
static const char header[] = "\"\xca\xfd\xbe\xdd\xc4\xea\xd4\xc2\",\"\xc9\xcc\xc6\xb7\xb1\xe0\xc2\xeb\",\"\xc9\xcc\xc6\xb7\xc3\xfb\xb3\xc6\",\"\xc3\xb3\xd2\xd7\xbb\xef\xb0\xe9\xb1\xe0\xc2\xeb\","
    "\"\xc3\xb3\xd2\xd7\xbb\xef\xb0\xe9\xc3\xfb\xb3\xc6\",\"\xb5\xda\xd2\xbb\xca\xfd\xc1\xbf\",\"\xb5\xda\xd2\xbb\xbc\xc6\xc1\xbf\xb5\xa5\xce\xbb\",\"\xb5\xda\xb6\xfe\xca\xfd\xc1\xbf\","
    "\"\xb5\xda\xb6\xfe\xbc\xc6\xc1\xbf\xb5\xa5\xce\xbb\",\"\xc3\xc0\xd4\xaa\",\r\n";

static const struct {
	const char *code, *name;
} partners[] = {
	{ "106", "\xc3\xe5\xb5\xe9" }, { "116", "\xc8\xd5\xb1\xbe" }, { "119", "\xc0\xcf\xce\xce" }, { "122", "\xc2\xed\xc0\xb4\xce\xf7\xd1\xc7" },
	{ "133", "\xba\xab\xb9\xfa" }, { "136", "\xcc\xa9\xb9\xfa" }, { "141", "\xd4\xbd\xc4\xcf" }, { "304", "\xb5\xc2\xb9\xfa" },
	{ "305", "\xb7\xa8\xb9\xfa" }, { "303", "\xd3\xa2\xb9\xfa" }, { "309", "\xba\xc9\xc0\xbc" }, { "502", "\xc3\xc0\xb9\xfa" },
	{ "501", "\xbc\xd3\xc4\xc3\xb4\xf3" }, { "601", "\xb0\xc4\xb4\xf3\xc0\xfb\xd1\xc7" }, { "344", "\xb6\xed\xc2\xde\xcb\xb9" },
};

/* Names of products: 混合碳酸稀土 其他氧化物 钢铁制品，未锻轧 */
static const char *const names[] = { "\xbb\xec\xba\xcf\xcc\xbc\xcb\xe1\xcf\xa1\xcd\xc1", "\xc6\xe4\xcb\xfb\xd1\xf5\xbb\xaf\xce\xef",
	"\xb8\xd6\xcc\xfa\xd6\xc6\xc6\xb7\xa3\xac\xce\xb4\xb6\xcd\xd4\xfe" };

static const char *const sought[] = { "28461010", "28469011", "28469019", "28469099", "28053011" };

/* 1,234,567 */
static void
group(char out[16], uint32_t number)
{
	if (number >= 1000000)
		snprintf(out, 16, "%u,%03u,%03u", number / 1000000, number / 1000 % 1000, number % 1000);
	else if (number >= 1000)
		snprintf(out, 16, "%u,%03u", number / 1000, number % 1000);
	else
		snprintf(out, 16, "%u", number);
}

static int
record(char *out, size_t room, uint64_t number)
{
	enum { N_PARTNERS = sizeof partners / sizeof *partners };
	uint32_t month = (uint32_t)(number / 60000), partner = below(N_PARTNERS), pieces = below(10) == 0, size = below(4);
	char code[12], mass[16], value[16], count[16] = "0";

	if (below(50) == 0)
		snprintf(code, sizeof code, "%s", sought[below(5)]);
	else
		snprintf(code, sizeof code, "%08u", 1012100 + 80111 * below(1200));
	group(mass, below(size == 0 ? 999 : size == 1 ? 99999 : 9999999) + 1);
	group(value, below(size == 0 ? 9999 : 99999999) + 1);
	if (pieces)
		group(count, below(5000) + 1);
	return snprintf(out, room, "\"%u%02u\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"\xc7\xa7\xbf\xcb\",\"%s\",\"%s\",\"%s\",\r\n", 2015 + month / 12,
	    month % 12 + 1, code, names[below(3)], partners[partner].code, partners[partner].name, mass, count, pieces ? "\xb8\xf6" : "?", value);
}

int
main(int argc, char **argv)
{
	return make_file(argc, argv, header, record);
}
