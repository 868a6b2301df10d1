/* phone_plugin.cc - libphonenumber behind the C ABI of phone_plugin.h; becomes phone.so.
 *
 * It judges one cleaned text at a time and keeps no state.  It does not strip invisible
 * characters (phone.c does) and does not decide what to do with a number that is no number.
 * Invariant: no exception leaves this file.
 */
#include "phone/phone_plugin.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <cstring>
#include <string>

namespace
{

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

const char unknown_region[] = "ZZ";

bool region_known(const PhoneNumberUtil &util, const std::string &region)
{
	return util.GetCountryCodeForRegion(region) != 0;
}

bool copy_out(const std::string &text, char *out, size_t size)
{
	if (text.size() >= size)
		return false;
	std::memcpy(out, text.c_str(), text.size() + 1);
	return true;
}

/* True for a text that says its country itself: then a region is not what is missing. */
bool starts_international(const std::string &text)
{
	size_t at = text.find_first_not_of(" (");

	if (at == std::string::npos)
		return false;
	return text[at] == '+' || text.compare(at, 3, "\xef\xbc\x8b") == 0 || /* fullwidth plus */
		text.compare(at, 4, "tel:") == 0;
}

int outcome_of_error(PhoneNumberUtil::ErrorType error, bool national_without_region)
{
	switch (error) {
	case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
		return national_without_region ? PHONE_MISSING_REGION : PHONE_INVALID_COUNTRY_CODE;
	case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
	case PhoneNumberUtil::TOO_SHORT_NSN:
		return PHONE_TOO_SHORT;
	case PhoneNumberUtil::TOO_LONG_NSN:
		return PHONE_TOO_LONG;
	default:
		return PHONE_NOT_A_NUMBER;
	}
}

int outcome_of_length(PhoneNumberUtil::ValidationResult result)
{
	switch (result) {
	case PhoneNumberUtil::TOO_SHORT:
	case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: /* lacks its area code */
		return PHONE_TOO_SHORT;
	case PhoneNumberUtil::TOO_LONG:
		return PHONE_TOO_LONG;
	case PhoneNumberUtil::INVALID_COUNTRY_CODE:
		return PHONE_INVALID_COUNTRY_CODE;
	default:
		return PHONE_INVALID_NUMBER;
	}
}

int judge(const std::string &text, const std::string &region, char *e164, size_t size)
{
	const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
	bool known = region_known(util, region);
	PhoneNumber number;
	std::string formatted;
	PhoneNumberUtil::ErrorType error =
		util.Parse(text, known ? region : unknown_region, &number);

	if (error != PhoneNumberUtil::NO_PARSING_ERROR)
		return outcome_of_error(error, !known && !starts_international(text));
	if (!util.IsValidNumber(number))
		return outcome_of_length(util.IsPossibleNumberWithReason(number));
	util.Format(number, PhoneNumberUtil::E164, &formatted);
	return copy_out(formatted, e164, size) ? PHONE_E164 : PHONE_TOO_LONG;
}

int plugin_normalize(const char *text, const char *region, char *e164, size_t size)
{
	try {
		std::string number = text;
		int outcome = judge(number, region, e164, size);

		/* 00 is the international prefix of most countries, and people write it also
		 * where their own country uses another. */
		if (outcome != PHONE_E164 && number.compare(0, 2, "00") == 0 &&
			judge("+" + number.substr(2), region, e164, size) == PHONE_E164)
			return PHONE_E164;
		return outcome;
	} catch (...) {
		return -1;
	}
}

int plugin_region_is_valid(const char *region)
{
	try {
		return region_known(*PhoneNumberUtil::GetInstance(), region);
	} catch (...) {
		return -1;
	}
}

int plugin_format(const char *e164, int style, char *out, size_t size)
{
	static const PhoneNumberUtil::PhoneNumberFormat formats[] = {
		PhoneNumberUtil::NATIONAL,
		PhoneNumberUtil::INTERNATIONAL,
		PhoneNumberUtil::RFC3966,
	};

	try {
		const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
		PhoneNumber number;
		std::string text;

		if (style < 0 || style >= PHONE_STYLE_COUNT ||
			util.Parse(e164, unknown_region, &number) !=
				PhoneNumberUtil::NO_PARSING_ERROR)
			return -1;
		util.Format(number, formats[style], &text);
		return copy_out(text, out, size) ? 0 : -1;
	} catch (...) {
		return -1;
	}
}

} /* namespace */

extern "C" const struct phone_plugin PHONE_PLUGIN_SYMBOL = {
	plugin_normalize,
	plugin_region_is_valid,
	plugin_format,
};
