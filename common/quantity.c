#include "quantity.h"

/* From the customs list of measurement units (计量单位代码表); traditional measures that no tariff line uses are left out. */
static const struct {
	const char *unit;
	const char *words; /* blank-separated */
} units[] = {
	{ "", "?" },
	{ "kg", "千克 公斤" },
	{ "g", "克" },
	{ "t", "吨" },
	{ "1", "台 座 辆 艘 架 套 个 只 头 张 件 支 枝 根 条 把 块 卷 副 片 组 份 幅 棵 株 盘 筒 盆 箱 批 罐 桶 包 册 本 发 枚 捆 袋 粒 盒 瓶 部" },
	{ "{pair}", "双 对" },
	{ "12", "打" },
	{ "100", "百副 百支 百把 百个 百片 百枝" },
	{ "1000", "千只 千块 千盒 千枝 千支 千个 千张 千粒" },
	{ "10000", "万个 万套 万张 万粒" },
	{ "100000000", "亿支 亿个 亿株" },
	{ "m", "米" },
	{ "km", "千米" },
	{ "m2", "平方米" },
	{ "m3", "立方米" },
	{ "L", "升" },
	{ "mL", "毫升" },
	{ "kL", "千升" },
	{ "kW", "千瓦" },
	{ "kW.h", "千瓦时" },
	{ "kVA", "千伏安" },
	{ "MBq", "百万贝可" },
	{ "carat", "克拉" },
};

int
quantity_unit(struct str word, struct str *unit, struct err *err)
{
	struct str rest, one;
	size_t i;

	for (i = 0; i < sizeof units / sizeof units[0]; i++)
		for (rest = str_of(units[i].words); str_split(&rest, ' ', &one);)
			if (str_eq(one, word)) {
				*unit = str_of(units[i].unit);
				return LODE_OK;
			}
	return err_set(err, LODE_EDATA, "unknown unit '%.*s'", STR_ARG(word));
}
