/*
 * make-comtrade - a large file in the shape of UN Comtrade's 47 columns, always the same for the same size
 *
 * usage: make-comtrade MEGABYTES > FILE
 *
 * Months follow one another; 1100 commodities, so that partners, commodities and months make 1.6 million groups of three million records.
 * A third of the records have a quoted description with commas; of those one in 40 holds doubled quotes and one in 500 a
 * line feed. About 2 % are codes 2846 and 2805, half of them imports. Masses are empty in 5 %, estimated in a sixth; numbers have one or
 * three decimals as the service's own client writes them.
 */
#include "make.h"

static const char header[] = "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,"
    "flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,"
    "classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,mosCode,motCode,"
    "motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,isAltQtyEstimated,netWgt,"
    "isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,isAggregate\n";

static const struct {
	const char *code, *iso, *name;
} countries[] = {
	{ "156", "CHN", "China" }, { "842", "USA", "USA" }, { "104", "MMR", "Myanmar" }, { "418", "LAO", "Lao People's Dem. Rep." },
	{ "458", "MYS", "Malaysia" }, { "704", "VNM", "Viet Nam" }, { "764", "THA", "Thailand" }, { "392", "JPN", "Japan" },
	{ "410", "KOR", "Rep. of Korea" }, { "36", "AUS", "Australia" }, { "124", "CAN", "Canada" }, { "276", "DEU", "Germany" },
	{ "251", "FRA", "France" }, { "528", "NLD", "Netherlands" }, { "233", "EST", "Estonia" }, { "643", "RUS", "Russian Federation" },
	{ "699", "IND", "India" }, { "76", "BRA", "Brazil" }, { "68", "BOL", "Bolivia (Plurinational State of)" },
	{ "384", "CIV", "C\xc3\xb4te d'Ivoire" }, { "792", "TUR", "T\xc3\xbcrkiye" }, { "450", "MDG", "Madagascar" },
	{ "710", "ZAF", "South Africa" }, { "360", "IDN", "Indonesia" }, { "608", "PHL", "Philippines" },
	{ "344", "HKG", "\"China, Hong Kong SAR\"" }, { "826", "GBR", "United Kingdom" }, { "380", "ITA", "Italy" },
	{ "724", "ESP", "Spain" }, { "757", "CHE", "Switzerland" }, { "56", "BEL", "Belgium" }, { "579", "NOR", "Norway" },
	{ "752", "SWE", "Sweden" }, { "616", "POL", "Poland" }, { "203", "CZE", "Czechia" }, { "40", "AUT", "Austria" },
	{ "376", "ISR", "Israel" }, { "484", "MEX", "Mexico" }, { "152", "CHL", "Chile" }, { "0", "W00", "World" },
};

static const char *const words[] = { "articles", "of base metal", "not elsewhere specified", "whether or not refined",
	"in primary forms", "parts and accessories", "of a kind used in industry", "containing by weight more than 50%",
	"prepared or preserved", "of synthetic fibres", "electrically operated", "put up for retail sale", "salts and compounds",
	"fresh or chilled", "not further worked than hot-rolled", "with a capacity exceeding 1000kg" };

static const char *const sought[] = { "2846", "284610", "284690", "280530", "280519", "2805" };
static const char *const flow_code[] = { "M", "X", "RX", "RM" }, *const flow_name[] = { "Import", "Export", "Re-export", "Re-import" };

static void
describe(char *out, size_t room)
{
	int quoted = below(3) == 0, pieces = 3 + (int)below(3), kind = (int)below(500), i;
	size_t n = 0;

	if (quoted)
		out[n++] = '"';
	for (i = 0; i < pieces; i++)
		n += (size_t)snprintf(out + n, room - n, "%s%s", i == 0 ? "" : quoted ? ", " : "; ", words[below(16)]);
	if (quoted && kind == 0)
		n += (size_t)snprintf(out + n, room - n, ",\nrevised text");
	else if (quoted && kind < 13)
		n += (size_t)snprintf(out + n, room - n, ", \"\"other\"\" than listed");
	if (quoted)
		out[n++] = '"';
	out[n] = '\0';
}

/* One record; returns its length. */
static int
record(char *out, size_t room, uint64_t number)
{
	enum { N_COUNTRIES = sizeof countries / sizeof *countries };
	uint32_t month = (uint32_t)(number / 60000 % 48), reporter = (uint32_t)(number / 1500 % (N_COUNTRIES - 1)), partner = below(N_COUNTRIES);
	uint32_t year = 2021 + month / 12, flow = below(20), grams = below(900000000) + 1, milli = below(900000000) + 1, estimated = below(6) == 0;
	char code[8], text[256], mass[24] = "", value[24];

	month = month % 12 + 1;
	flow = flow < 9 ? 0 : flow < 18 ? 1 : flow - 16;
	if (below(50) == 0)
		snprintf(code, sizeof code, "%s", sought[below(6)]);
	else
		snprintf(code, sizeof code, "%06u", 10110 + 871 * below(1100));
	describe(text, sizeof text);
	if (below(20) != 0 && below(3) != 0)
		snprintf(mass, sizeof mass, "%u.0", grams / 1000);
	else if (below(7) != 0)
		snprintf(mass, sizeof mass, "%u.%03u", grams / 1000, grams % 1000);
	snprintf(value, sizeof value, "%u.%03u", milli / 1000, milli % 1000);
	return snprintf(out, room,
	    "C,M,%u%02u01,%u,%u,%u%02u,%s,%s,%s,%s,%s,%s,%s,%s,0,W00,World,H%u,HS,True,%s,%s,%zu,%s,C00,TOTAL CPC,0,0,TOTAL MOT,%s,%s,%s,-1,N/A,"
	    "0.0,False,%s,%s,0.0,False,%s,%s,%s,%u,%s,%s\n",
	    year, month, year, month, year, month, countries[reporter].code, countries[reporter].iso, countries[reporter].name, flow_code[flow],
	    flow_name[flow], countries[partner].code, countries[partner].iso, countries[partner].name, year < 2022 ? 5 : 6, code, text,
	    strlen(code), strlen(code) == 6 ? "True" : "False", number % 4 == 0 ? "5,u" : number % 4 == 1 ? "-1,N/A" : "8,kg",
	    number % 4 == 1 ? "0.0" : number % 4 == 0 ? "1250.0" : mass, estimated ? "True" : "False", mass, estimated ? "True" : "False",
	    flow == 0 ? value : "", flow == 0 ? "" : value, value, estimated * 4, partner == N_COUNTRIES - 1 ? "False" : "True",
	    partner == N_COUNTRIES - 1 ? "True" : "False");
}

int
main(int argc, char **argv)
{
	return make_file(argc, argv, header, record);
}
