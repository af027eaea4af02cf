#include "engine/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <exception>

#include "leadline/core/error.hpp"

namespace leadline::detail::engine {

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), size};
}

bool is_utc(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
  return text.size() == form.size() &&
         std::equal(text.begin(), text.end(), form.begin(),
                    [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; });
}

void check_role(std::string_view role, bool has_data) {
  constexpr std::array<std::string_view, 3> known{"train", "fit", "calibration"};
  const bool ood = role.starts_with("ood/") && role.size() > 4;
  if (!ood && std::find(known.begin(), known.end(), role) == known.end())
    throw ValueError("evaluate", "a role 'train', 'fit', 'calibration' or 'ood/<name>'",
                     fmt::format("'{}'", role), "rename the key of also=");
  if (!has_data)
    throw TypeError("evaluate", fmt::format("a data set in the role '{}'", role), "none",
                    "leave the role out");
}

OutputKind kind_of(const Tensor& output, const Tensor& target) {
  if (!is_floating(output.dtype()))
    return output.rank() == 1 || (output.rank() == 2 && output.size(1) == 1) ? OutputKind::labels
                                                                             : OutputKind::unknown;
  if (target.defined() && is_floating(target.dtype())) return OutputKind::values;
  if (output.rank() < 1 || output.rank() > 2) return OutputKind::unknown;
  const Tensor host = output.host(DType::f64);
  const auto rows = host.matrix<double>();
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    double sum = 0;
    for (Eigen::Index c = 0; c < rows.cols(); ++c) {
      const double p = rows(i, c);
      if (!(p >= 0 && p <= 1)) return OutputKind::logits;
      sum += p;
    }
    if (rows.cols() > 1 && std::abs(sum - 1) > 1e-3) return OutputKind::logits;
  }
  return OutputKind::probabilities;
}

bool is_stream(const Dataset& data) {
  const DataInfo about = data.info();
  return !about.random_access || !about.size;
}

std::string current_message() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

}  // namespace leadline::detail::engine
