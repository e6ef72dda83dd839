#include "mail/message_private.h"

/* What mail says is not what it means: the names of the subsets stand for their supersets, as
 * the readers that people use have it (WHATWG Encoding, section 4.2). Only what stands here
 * reaches iconv: a message chooses none of the other converters of the C library. */

enum { LABEL_MAX = 32 };

static const char *const iconv_names[CHARSET_COUNT] = {
	[CHARSET_UTF16] = "UTF-16",
	[CHARSET_UTF16LE] = "UTF-16LE",
	[CHARSET_UTF16BE] = "UTF-16BE",
	[CHARSET_UTF32] = "UTF-32",
	[CHARSET_UTF7] = "UTF-7",
	[CHARSET_GB18030] = "GB18030",
	[CHARSET_BIG5] = "BIG5-HKSCS",
	[CHARSET_SJIS] = "CP932",
	[CHARSET_EUCJP] = "EUC-JP-MS",
	[CHARSET_ISO2022JP] = "ISO-2022-JP-3",
	[CHARSET_EUCKR] = "CP949",
	[CHARSET_ISO2022KR] = "ISO-2022-KR",
	[CHARSET_ISO2022CN] = "ISO-2022-CN-EXT",
	[CHARSET_KOI8R] = "KOI8-R",
	[CHARSET_KOI8U] = "KOI8-U",
	[CHARSET_MAC] = "MACINTOSH",
	[CHARSET_MACCYR] = "MAC-CYRILLIC",
	[CHARSET_L2] = "ISO-8859-2",
	[CHARSET_L3] = "ISO-8859-3",
	[CHARSET_L4] = "ISO-8859-4",
	[CHARSET_L5] = "ISO-8859-5",
	[CHARSET_L6] = "ISO-8859-6",
	[CHARSET_L7] = "ISO-8859-7",
	[CHARSET_L8] = "ISO-8859-8",
	[CHARSET_L10] = "ISO-8859-10",
	[CHARSET_L13] = "ISO-8859-13",
	[CHARSET_L14] = "ISO-8859-14",
	[CHARSET_L15] = "ISO-8859-15",
	[CHARSET_L16] = "ISO-8859-16",
	[CHARSET_CP874] = "CP874",
	[CHARSET_CP1250] = "CP1250",
	[CHARSET_CP1251] = "CP1251",
	[CHARSET_CP1253] = "CP1253",
	[CHARSET_CP1254] = "CP1254",
	[CHARSET_CP1255] = "CP1255",
	[CHARSET_CP1256] = "CP1256",
	[CHARSET_CP1257] = "CP1257",
	[CHARSET_CP1258] = "CP1258",
	[CHARSET_CP437] = "CP437",
	[CHARSET_CP850] = "CP850",
	[CHARSET_CP852] = "CP852",
	[CHARSET_CP855] = "CP855",
	[CHARSET_CP857] = "CP857",
	[CHARSET_CP858] = "CP858",
	[CHARSET_CP860] = "CP860",
	[CHARSET_CP861] = "CP861",
	[CHARSET_CP862] = "CP862",
	[CHARSET_CP863] = "CP863",
	[CHARSET_CP865] = "CP865",
	[CHARSET_CP866] = "CP866",
	[CHARSET_CP037] = "CP037",
};

/* The labels without all that is no letter and no digit, sorted. */
/* clang-format off */
static const struct label {
	const char *text;
	enum message_charset charset;
} labels[] = {
	{"1250", CHARSET_CP1250}, {"1251", CHARSET_CP1251}, {"1252", CHARSET_CP1252},
	{"1253", CHARSET_CP1253}, {"1254", CHARSET_CP1254}, {"1255", CHARSET_CP1255},
	{"1256", CHARSET_CP1256}, {"1257", CHARSET_CP1257}, {"1258", CHARSET_CP1258},
	{"437", CHARSET_CP437}, {"646", CHARSET_ANY}, {"7bit", CHARSET_ANY}, {"850", CHARSET_CP850},
	{"852", CHARSET_CP852}, {"855", CHARSET_CP855}, {"857", CHARSET_CP857},
	{"858", CHARSET_CP858}, {"860", CHARSET_CP860}, {"861", CHARSET_CP861},
	{"862", CHARSET_CP862}, {"863", CHARSET_CP863}, {"865", CHARSET_CP865},
	{"866", CHARSET_CP866}, {"88591", CHARSET_CP1252}, {"885910", CHARSET_L10},
	{"885913", CHARSET_L13}, {"885914", CHARSET_L14}, {"885915", CHARSET_L15},
	{"885916", CHARSET_L16}, {"88592", CHARSET_L2}, {"88593", CHARSET_L3}, {"88594", CHARSET_L4},
	{"88595", CHARSET_L5}, {"88596", CHARSET_L6}, {"88597", CHARSET_L7}, {"88598", CHARSET_L8},
	{"88599", CHARSET_CP1254}, {"8bit", CHARSET_ANY}, {"936", CHARSET_GB18030},
	{"949", CHARSET_EUCKR}, {"ansi", CHARSET_CP1252}, {"ansix341968", CHARSET_ANY},
	{"arabic", CHARSET_L6}, {"ascii", CHARSET_ANY}, {"big5", CHARSET_BIG5},
	{"big5eten", CHARSET_BIG5}, {"big5hkscs", CHARSET_BIG5}, {"binary", CHARSET_ANY},
	{"chinese", CHARSET_GB18030}, {"cnbig5", CHARSET_BIG5}, {"cngb", CHARSET_GB18030},
	{"cp037", CHARSET_CP037}, {"cp1250", CHARSET_CP1250}, {"cp1251", CHARSET_CP1251},
	{"cp1252", CHARSET_CP1252}, {"cp1253", CHARSET_CP1253}, {"cp1254", CHARSET_CP1254},
	{"cp1255", CHARSET_CP1255}, {"cp1256", CHARSET_CP1256}, {"cp1257", CHARSET_CP1257},
	{"cp1258", CHARSET_CP1258}, {"cp437", CHARSET_CP437}, {"cp50220", CHARSET_ISO2022JP},
	{"cp50221", CHARSET_ISO2022JP}, {"cp50222", CHARSET_ISO2022JP}, {"cp819", CHARSET_CP1252},
	{"cp850", CHARSET_CP850}, {"cp852", CHARSET_CP852}, {"cp855", CHARSET_CP855},
	{"cp857", CHARSET_CP857}, {"cp858", CHARSET_CP858}, {"cp860", CHARSET_CP860},
	{"cp861", CHARSET_CP861}, {"cp862", CHARSET_CP862}, {"cp863", CHARSET_CP863},
	{"cp865", CHARSET_CP865}, {"cp866", CHARSET_CP866}, {"cp874", CHARSET_CP874},
	{"cp932", CHARSET_SJIS}, {"cp936", CHARSET_GB18030}, {"cp949", CHARSET_EUCKR},
	{"cp950", CHARSET_BIG5}, {"csbig5", CHARSET_BIG5}, {"cseuckr", CHARSET_EUCKR},
	{"cseucpkdfmtjapanese", CHARSET_EUCJP}, {"csgb2312", CHARSET_GB18030},
	{"csiso2022jp", CHARSET_ISO2022JP}, {"csiso2022kr", CHARSET_ISO2022KR},
	{"csisolatin1", CHARSET_CP1252}, {"csisolatin2", CHARSET_L2},
	{"csisolatinhebrew", CHARSET_L8}, {"cskoi8r", CHARSET_KOI8R},
	{"csksc56011987", CHARSET_EUCKR}, {"csmacintosh", CHARSET_MAC}, {"csshiftjis", CHARSET_SJIS},
	{"csunicode", CHARSET_UTF16}, {"csunicode11utf7", CHARSET_UTF7}, {"cyrillic", CHARSET_L5},
	{"default", CHARSET_ANY}, {"dos437", CHARSET_CP437}, {"dos850", CHARSET_CP850},
	{"dos852", CHARSET_CP852}, {"dos855", CHARSET_CP855}, {"dos857", CHARSET_CP857},
	{"dos858", CHARSET_CP858}, {"dos860", CHARSET_CP860}, {"dos861", CHARSET_CP861},
	{"dos862", CHARSET_CP862}, {"dos863", CHARSET_CP863}, {"dos865", CHARSET_CP865},
	{"dos866", CHARSET_CP866}, {"dos874", CHARSET_CP874}, {"euccn", CHARSET_GB18030},
	{"eucgb2312cn", CHARSET_GB18030}, {"eucjp", CHARSET_EUCJP}, {"eucjpms", CHARSET_EUCJP},
	{"euckr", CHARSET_EUCKR}, {"gb18030", CHARSET_GB18030}, {"gb180302000", CHARSET_GB18030},
	{"gb2312", CHARSET_GB18030}, {"gb23121980", CHARSET_GB18030}, {"gb231280", CHARSET_GB18030},
	{"gbk", CHARSET_GB18030}, {"greek", CHARSET_L7}, {"hebrew", CHARSET_L8},
	{"ibm037", CHARSET_CP037}, {"ibm437", CHARSET_CP437}, {"ibm819", CHARSET_CP1252},
	{"ibm850", CHARSET_CP850}, {"ibm852", CHARSET_CP852}, {"ibm855", CHARSET_CP855},
	{"ibm857", CHARSET_CP857}, {"ibm858", CHARSET_CP858}, {"ibm860", CHARSET_CP860},
	{"ibm861", CHARSET_CP861}, {"ibm862", CHARSET_CP862}, {"ibm863", CHARSET_CP863},
	{"ibm865", CHARSET_CP865}, {"ibm866", CHARSET_CP866}, {"ibm874", CHARSET_CP874},
	{"iso10646ucs2", CHARSET_UTF16}, {"iso10646ucs4", CHARSET_UTF32},
	{"iso2022cn", CHARSET_ISO2022CN}, {"iso2022cnext", CHARSET_ISO2022CN},
	{"iso2022jp", CHARSET_ISO2022JP}, {"iso2022jp1", CHARSET_ISO2022JP},
	{"iso2022jp2", CHARSET_ISO2022JP}, {"iso2022jp3", CHARSET_ISO2022JP},
	{"iso2022jpms", CHARSET_ISO2022JP}, {"iso2022kr", CHARSET_ISO2022KR},
	{"iso646us", CHARSET_ANY}, {"iso88591", CHARSET_CP1252}, {"iso885910", CHARSET_L10},
	{"iso885911", CHARSET_CP874}, {"iso885911987", CHARSET_CP1252}, {"iso885913", CHARSET_L13},
	{"iso885914", CHARSET_L14}, {"iso885915", CHARSET_L15}, {"iso885915fdis", CHARSET_L15},
	{"iso885916", CHARSET_L16}, {"iso88592", CHARSET_L2}, {"iso885921987", CHARSET_L2},
	{"iso88593", CHARSET_L3}, {"iso88594", CHARSET_L4}, {"iso88595", CHARSET_L5},
	{"iso885951988", CHARSET_L5}, {"iso88596", CHARSET_L6}, {"iso88596e", CHARSET_L6},
	{"iso88596i", CHARSET_L6}, {"iso88597", CHARSET_L7}, {"iso885971987", CHARSET_L7},
	{"iso88598", CHARSET_L8}, {"iso885981988", CHARSET_L8}, {"iso88598e", CHARSET_L8},
	{"iso88598i", CHARSET_L8}, {"iso88599", CHARSET_CP1254}, {"iso885991989", CHARSET_CP1254},
	{"isoir100", CHARSET_CP1252}, {"isoir149", CHARSET_EUCKR}, {"isoir58", CHARSET_GB18030},
	{"isoir6", CHARSET_ANY}, {"isolatin1", CHARSET_CP1252}, {"isolatin2", CHARSET_L2},
	{"jis", CHARSET_ISO2022JP}, {"koi", CHARSET_KOI8R}, {"koi8", CHARSET_KOI8R},
	{"koi8r", CHARSET_KOI8R}, {"koi8ru", CHARSET_KOI8U}, {"koi8rus", CHARSET_KOI8R},
	{"koi8u", CHARSET_KOI8U}, {"korean", CHARSET_EUCKR}, {"ksc5601", CHARSET_EUCKR},
	{"ksc56011987", CHARSET_EUCKR}, {"ksc56011989", CHARSET_EUCKR}, {"l1", CHARSET_CP1252},
	{"l2", CHARSET_L2}, {"l5", CHARSET_CP1254}, {"l9", CHARSET_L15}, {"latin0", CHARSET_L15},
	{"latin1", CHARSET_CP1252}, {"latin2", CHARSET_L2}, {"latin5", CHARSET_CP1254},
	{"latin9", CHARSET_L15}, {"logical", CHARSET_L8}, {"mac", CHARSET_MAC},
	{"maccyrillic", CHARSET_MACCYR}, {"macintosh", CHARSET_MAC}, {"macroman", CHARSET_MAC},
	{"ms932", CHARSET_SJIS}, {"ms936", CHARSET_GB18030}, {"ms949", CHARSET_EUCKR},
	{"ms950", CHARSET_BIG5}, {"mskanji", CHARSET_SJIS}, {"none", CHARSET_ANY},
	{"shiftjis", CHARSET_SJIS}, {"sjis", CHARSET_SJIS}, {"tis620", CHARSET_CP874},
	{"ucs2", CHARSET_UTF16}, {"ucs2be", CHARSET_UTF16BE}, {"ucs2le", CHARSET_UTF16LE},
	{"ucs4", CHARSET_UTF32}, {"uhc", CHARSET_EUCKR}, {"ujis", CHARSET_EUCJP},
	{"unicode", CHARSET_UTF16}, {"unicode11utf7", CHARSET_UTF7}, {"unicode11utf8", CHARSET_UTF8},
	{"unicode20utf7", CHARSET_UTF7}, {"unicode20utf8", CHARSET_UTF8},
	{"unicodebig", CHARSET_UTF16BE}, {"unicodefffe", CHARSET_UTF16BE},
	{"unicodelittle", CHARSET_UTF16LE}, {"unknown", CHARSET_ANY}, {"unknown7bit", CHARSET_ANY},
	{"unknown8bit", CHARSET_ANY}, {"us", CHARSET_ANY}, {"usascii", CHARSET_ANY},
	{"utf16", CHARSET_UTF16}, {"utf16be", CHARSET_UTF16BE}, {"utf16le", CHARSET_UTF16LE},
	{"utf32", CHARSET_UTF32}, {"utf7", CHARSET_UTF7}, {"utf8", CHARSET_UTF8},
	{"utf8mb4", CHARSET_UTF8}, {"visual", CHARSET_L8}, {"win1250", CHARSET_CP1250},
	{"win1251", CHARSET_CP1251}, {"win1252", CHARSET_CP1252}, {"win1253", CHARSET_CP1253},
	{"win1254", CHARSET_CP1254}, {"win1255", CHARSET_CP1255}, {"win1256", CHARSET_CP1256},
	{"win1257", CHARSET_CP1257}, {"win1258", CHARSET_CP1258}, {"win874", CHARSET_CP874},
	{"windows1250", CHARSET_CP1250}, {"windows1251", CHARSET_CP1251},
	{"windows1252", CHARSET_CP1252}, {"windows1253", CHARSET_CP1253},
	{"windows1254", CHARSET_CP1254}, {"windows1255", CHARSET_CP1255},
	{"windows1256", CHARSET_CP1256}, {"windows1257", CHARSET_CP1257},
	{"windows1258", CHARSET_CP1258}, {"windows31j", CHARSET_SJIS}, {"windows874", CHARSET_CP874},
	{"windows932", CHARSET_SJIS}, {"windows936", CHARSET_GB18030}, {"windows949", CHARSET_EUCKR},
	{"windows950", CHARSET_BIG5}, {"xansi", CHARSET_CP1252}, {"xbig5", CHARSET_BIG5},
	{"xcp1250", CHARSET_CP1250}, {"xcp1251", CHARSET_CP1251}, {"xcp1252", CHARSET_CP1252},
	{"xcp1253", CHARSET_CP1253}, {"xcp1254", CHARSET_CP1254}, {"xcp1255", CHARSET_CP1255},
	{"xcp1256", CHARSET_CP1256}, {"xcp1257", CHARSET_CP1257}, {"xcp1258", CHARSET_CP1258},
	{"xeuc", CHARSET_EUCJP}, {"xeuccn", CHARSET_GB18030}, {"xeucjp", CHARSET_EUCJP},
	{"xgb2312", CHARSET_GB18030}, {"xgbk", CHARSET_GB18030}, {"xksc5601", CHARSET_EUCKR},
	{"xmac", CHARSET_MAC}, {"xmaccyrillic", CHARSET_MACCYR}, {"xmacroman", CHARSET_MAC},
	{"xmacukrainian", CHARSET_MACCYR}, {"xmscp932", CHARSET_SJIS}, {"xsjis", CHARSET_SJIS},
	{"xunicode20utf7", CHARSET_UTF7}, {"xunknown", CHARSET_ANY}, {"xuserdefined", CHARSET_ANY},
	{"xutf8", CHARSET_UTF8}, {"xwindows1250", CHARSET_CP1250}, {"xwindows1251", CHARSET_CP1251},
	{"xwindows1252", CHARSET_CP1252}, {"xwindows1253", CHARSET_CP1253},
	{"xwindows1254", CHARSET_CP1254}, {"xwindows1255", CHARSET_CP1255},
	{"xwindows1256", CHARSET_CP1256}, {"xwindows1257", CHARSET_CP1257},
	{"xwindows1258", CHARSET_CP1258}, {"xwindows874", CHARSET_CP874},
	{"xwindows949", CHARSET_EUCKR}, {"xxbig5", CHARSET_BIG5},
};
/* clang-format on */

const char *message_iconv_name(enum message_charset charset)
{
	return iconv_names[charset];
}

static int compare(const void *key, const void *item)
{
	return strcmp(key, ((const struct label *)item)->text);
}

bool message_charset_of(struct view label, enum message_charset *out)
{
	char key[LABEL_MAX + 1];
	size_t len = 0;
	const struct label *found;

	if (view_eq_nocase(label, VIEW("utf-8"))) {
		*out = CHARSET_UTF8;
		return true;
	}
	for (size_t i = 0; i < label.len && label.p[i] != '*'; i++) {
		if (!ascii_is_alnum(label.p[i]))
			continue;
		if (len == LABEL_MAX)
			return false;
		key[len++] = ascii_lower(label.p[i]);
	}
	key[len] = '\0';
	if (len == 0) {
		*out = CHARSET_ANY;
		return true;
	}
	found = bsearch(key, labels, sizeof labels / sizeof *labels, sizeof *labels, compare);
	if (found != NULL)
		*out = found->charset;
	return found != NULL;
}
