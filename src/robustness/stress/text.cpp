#include <fmt/format.h>

#include <cctype>

#include "kinds.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::stress {
namespace {

constexpr std::array<std::string_view, 3> keyboard{"qwertyuiop", "asdfghjkl", "zxcvbnm"};

/// A letter beside it on the keyboard, in the same case; the letter itself when it has none.
char neighbour(char letter, stats::Rng& rng) {
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  for (const std::string_view row : keyboard) {
    const std::size_t at = row.find(lower);
    if (at == std::string_view::npos) continue;
    const bool right = at == 0 || (at + 1 < row.size() && rng.bernoulli(0.5));
    const char found = row[right ? at + 1 : at - 1];
    return lower == letter ? found : static_cast<char>(std::toupper(found));
  }
  return letter;
}

/// The text of a letter that looks like `letter` and is another; "" when there is none.
std::string_view lookalike(char letter) {
  static constexpr std::string_view latin = "aceijopsxyABCEHIKMOPTX";
  static constexpr std::array<std::string_view, 22> other{"а", "с", "е", "і", "ј", "о", "р", "ѕ",
                                                          "х", "у", "Α", "Β", "С", "Ε", "Η", "Ι",
                                                          "Κ", "Μ", "Ο", "Ρ", "Τ", "Χ"};
  const std::size_t at = latin.find(letter);
  return at == std::string_view::npos ? std::string_view{} : other[at];
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string with_typos(const std::string& text, double share, stats::Rng& rng) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_letter(text[i]) || !rng.bernoulli(share)) {
      out += text[i];
      continue;
    }
    switch (rng.below(4)) {
      case 0:
        break;
      case 1:
        out += {text[i], text[i]};
        break;
      case 2:
        if (i + 1 < text.size() && is_letter(text[i + 1])) {
          out += {text[i + 1], text[i]};
          ++i;
        } else {
          out += neighbour(text[i], rng);
        }
        break;
      default:
        out += neighbour(text[i], rng);
    }
  }
  return out;
}

std::string with_spaces(const std::string& text, double share, stats::Rng& rng) {
  static constexpr std::array<std::string_view, 4> gaps{"  ", "", "\t", "\u00a0"};
  std::string out;
  for (const char c : text) {
    if (c == ' ' && rng.bernoulli(share))
      out += gaps[rng.below(gaps.size())];
    else
      out += c;
  }
  return out;
}

std::string changed(const std::string& text, robustness::StressKind kind, double share,
                    stats::Rng& rng) {
  using robustness::StressKind;
  if (kind == StressKind::typos) return with_typos(text, share, rng);
  if (kind == StressKind::whitespace) return with_spaces(text, share, rng);
  std::string out;
  for (const char c : text) {
    const std::string_view twin =
        kind == StressKind::lookalikes ? lookalike(c) : std::string_view{};
    if (!is_letter(c) || !rng.bernoulli(share))
      out += c;
    else if (kind == StressKind::letter_case)
      out += static_cast<char>(c ^ 0x20);
    else if (twin.empty())
      out += c;
    else
      out += twin;
  }
  return out;
}

}  // namespace
}  // namespace leadline::detail::stress

namespace leadline::robustness {

std::vector<std::string> stress_text(std::span<const std::string> texts, StressKind kind,
                                     double severity, std::span<const SampleId> ids,
                                     std::uint64_t seed) {
  if (!(severity >= 0 && severity <= 5))
    throw ValueError("stress_text", "a severity in [0, 5]", fmt::format("{}", severity), "");
  if (!ids.empty() && ids.size() != texts.size())
    throw ShapeError("stress_text", fmt::format("{} ids, one a text", texts.size()),
                     fmt::format("{}", ids.size()), "pass one id a text, or none");
  const auto name = name_of(kind);
  if (!detail::stress::is_text(kind))
    throw ValueError("stress_text", "typos, letter_case, whitespace or lookalikes",
                     "'" + std::string(name) + "'", "use stress for arrays");
  const stats::Stream stream(seed, "stress_text/" + std::string(name));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    stats::Rng rng = stream.at(ids.empty() ? static_cast<SampleId>(i) : ids[i]);
    out.push_back(severity > 0 ? detail::stress::changed(texts[i], kind, 0.04 * severity, rng)
                               : texts[i]);
  }
  return out;
}

}  // namespace leadline::robustness
