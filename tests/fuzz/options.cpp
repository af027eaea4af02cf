#include <charconv>

#include "fuzz.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/core/metric.hpp"
#include "leadline/core/probe.hpp"

namespace {

std::string_view cut_option(std::string_view& text, char at) {
  const auto end = text.find(at);
  const auto head = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return head;
}

leadline::OptionValue option_value(std::string_view text) {
  if (text.empty()) return {};
  if (text == "true" || text == "false") return text == "true";
  std::int64_t integer = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, integer).ptr == end) return integer;
  double number = 0;
  if (std::from_chars(text.data(), end, number).ptr == end) return number;
  if (text.find(';') != std::string_view::npos) {
    std::vector<double> numbers;
    while (!text.empty()) {
      const auto part = cut_option(text, ';');
      number = 0;
      std::from_chars(part.data(), part.data() + part.size(), number);
      numbers.push_back(number);
    }
    return numbers;
  }
  return std::string(text);
}

}  // namespace

/// "<entry>\n<option>=<value>\n...": whatever is built says what it was built with.
LEADLINE_FUZZ(options, input) {
  std::string_view rest = input;
  const auto* entry = leadline::core_catalog().find(cut_option(rest, '\n'));
  if (entry == nullptr) return;
  std::vector<leadline::NamedOption> given;
  while (!rest.empty()) {
    auto line = cut_option(rest, '\n');
    const auto name = cut_option(line, '=');
    given.push_back({std::string(name), option_value(line)});
  }
  (void)fuzz::refused([&] {
    const auto made = entry->make(given);
    if (const auto* probe = std::get_if<std::shared_ptr<leadline::Probe>>(&made))
      fuzz::expect(!(*probe)->info().question.empty() || !(*probe)->options().empty(),
                   "a probe without a question");
    else
      fuzz::expect(!std::get<0>(made)->info().name.empty(), "a metric without a name");
  });
}

LEADLINE_FUZZ_SEEDS(options) {
  std::vector<std::string> seeds;
  for (const auto& entry : leadline::core_catalog().entries()) {
    std::string seed(entry.name);
    for (const auto& option : entry.options) {
      std::string value = leadline::text_of(option.fallback);
      if (value == "null") value.clear();
      if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
      seed.append("\n").append(option.name).append("=").append(value);
    }
    seeds.push_back(seed);
  }
  return seeds;
}
