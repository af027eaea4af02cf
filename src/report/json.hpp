/// Blocks to and from JSON values. Private: nlohmann_json stays out of public headers.
///
/// Numbers: finite doubles in their shortest exact form; infinities are the strings "inf" and
/// "-inf". NaN stands only inside curves, grids and overlays, where it means "no value here" and is
/// written as null; anywhere else it is refused.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "leadline/report/report.hpp"

namespace leadline::detail::json {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view report_format = "leadline.report";
inline constexpr std::string_view finding_format = "leadline.finding";

/// Throws ValueError naming `who` and the place of what a strict file cannot hold.
/// `samples` also names the file of its samples.
Json write(const Report& report, std::string_view who, bool samples = false);
Json write(const Finding& finding, std::string_view who);

/// Text with one line a member; arrays of plain values stay on one line. `indent` < 0: compact.
/// Bytes that are no UTF-8 become U+FFFD: a strange class name must not cost the report.
std::string dump(const Json& value, int indent);

/// Strict JSON: no comments, no duplicate keys, no trailing text, depth at most 64. Throws
/// StoreError.
Json parse(std::string_view text, std::string_view who);

/// Throw StoreError naming `who` and the place ("findings[2].estimates[0].estimate.lower").
Report read_report(const Json& value, std::string_view who);
Finding read_finding(const Json& value, std::string_view who);

}  // namespace leadline::detail::json
