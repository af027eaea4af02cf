#include "leadline/robustness/vnnlib.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "leadline/core/error.hpp"

namespace leadline::detail::vnnlib {

using robustness::LocalProblem;

constexpr std::int64_t most_variables = 1 << 24;  // of one file

/// The shortest decimal without exponent that reads back to `value`.
std::string decimal(double value) {
  char text[800];  // 1.8e308 and 5e-324 written out
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr;
  return {text, end};
}

void check(const LocalProblem& problem) {
  const auto wrong = [](const char* expected, std::string got) {
    throw ValueError("to_vnnlib", expected, got, "");
  };
  if (problem.lower.size() != problem.upper.size() || problem.lower.empty())
    wrong("as many lower as upper bounds, at least one",
          fmt::format("{} and {}", problem.lower.size(), problem.upper.size()));
  for (std::size_t i = 0; i < problem.lower.size(); ++i)
    if (!std::isfinite(problem.lower[i]) || !std::isfinite(problem.upper[i]) ||
        problem.lower[i] > problem.upper[i])
      wrong("finite bounds with lower <= upper",
            fmt::format("[{}, {}] at input {}", problem.lower[i], problem.upper[i], i));
  const std::int64_t classes = std::max<std::int64_t>(2, problem.n_outputs);
  if (problem.n_outputs < 1 || problem.label < 0 || problem.label >= classes)
    wrong("a label below the number of classes",
          fmt::format("label {} of {} outputs", problem.label, problem.n_outputs));
}

/// What the statements of a file say, word by word.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  LocalProblem read() {
    while (take("(")) {
      if (take("declare-const"))
        declare();
      else if (take("assert"))
        assertion();
      else
        fail("declare-const or assert");
      expect(")");
    }
    if (at_ != text_.size()) fail("a statement");
    return finish();
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const {
    const auto rest = text_.substr(at_, 24);
    throw ValueError("from_vnnlib", expected,
                     at_ < text_.size() ? fmt::format("'{}' at byte {}", rest, at_) : "the end",
                     "read files of to_vnnlib only");
  }
  void skip() {
    while (at_ < text_.size() &&
           (std::isspace(static_cast<unsigned char>(text_[at_])) || text_[at_] == ';')) {
      if (text_[at_] == ';')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else
        ++at_;
    }
  }
  std::string_view word() {
    skip();
    if (at_ < text_.size() && (text_[at_] == '(' || text_[at_] == ')')) return text_.substr(at_, 1);
    const auto end = text_.find_first_of("() \t\r\n;", at_);
    return text_.substr(at_, end == std::string_view::npos ? end : end - at_);
  }
  bool take(std::string_view expected) {
    if (word() != expected || expected.empty()) return false;
    at_ += expected.size();
    return true;
  }
  void expect(std::string_view expected) {
    if (!take(expected)) fail(expected);
  }
  std::int64_t variable(char kind) {
    const auto name = word();
    std::int64_t i = -1;
    if (name.size() < 3 || name[0] != kind || name[1] != '_')
      fail(kind == 'X' ? "an input X_i" : "an output Y_i");
    const auto end = std::from_chars(name.data() + 2, name.data() + name.size(), i);
    if (end.ec != std::errc() || end.ptr != name.data() + name.size() || i < 0 ||
        i >= most_variables)
      fail("the number of a variable");
    at_ += name.size();
    return i;
  }
  double number() {
    const auto text = word();
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size() || !std::isfinite(value))
      fail("a number");
    at_ += text.size();
    return value;
  }
  void declare() {
    if (word().starts_with("X_")) {
      if (variable('X') != std::ssize(lower_)) fail("inputs declared in order");
      lower_.emplace_back();
      upper_.emplace_back();
    } else {
      if (variable('Y') != n_outputs_) fail("outputs declared in order");
      ++n_outputs_;
    }
    expect("Real");
  }
  void assertion() {
    expect("(");
    if (take("or")) {
      while (take("(")) {
        expect("and");
        expect("(");
        expect(">=");
        const std::int64_t other = variable('Y'), label = variable('Y');
        if (label_ && *label_ != label) fail("one label in every case");
        label_ = label;
        others_.push_back(other);
        expect(")");
        expect(")");
      }
    } else {
      const bool above = take(">=");
      if (!above) expect("<=");
      if (word().starts_with("Y_")) {
        if (variable('Y') != 0 || number() != 0 || label_) fail("Y_0 against 0");
        label_ = above ? 0 : 1;
        one_output_ = true;
      } else {
        const std::int64_t i = variable('X');
        if (i >= std::ssize(lower_)) fail("a declared input");
        auto& side = (above ? lower_ : upper_)[static_cast<std::size_t>(i)];
        if (side) fail("one bound a side");
        side = number();
      }
    }
    expect(")");
  }
  LocalProblem finish() const {
    const auto wrong = [](const char* expected, const char* got) {
      throw ValueError("from_vnnlib", expected, got, "read files of to_vnnlib only");
    };
    LocalProblem problem;
    for (std::size_t i = 0; i < lower_.size(); ++i) {
      if (!lower_[i] || !upper_[i]) wrong("two bounds for each input", "one missing");
      problem.lower.push_back(*lower_[i]);
      problem.upper.push_back(*upper_[i]);
    }
    if (!label_) wrong("an assertion about the outputs", "none");
    problem.label = *label_;
    problem.n_outputs = n_outputs_;
    if (one_output_ != (n_outputs_ == 1)) wrong("Y_0 against 0 for one output only", "another");
    if (!one_output_) {
      std::vector<std::int64_t> expected;
      for (std::int64_t j = 0; j < n_outputs_; ++j)
        if (j != problem.label) expected.push_back(j);
      auto sorted = others_;
      std::sort(sorted.begin(), sorted.end());
      if (sorted != expected) wrong("a case for each other class", "others");
    }
    check(problem);
    return problem;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::optional<double>> lower_, upper_;
  std::vector<std::int64_t> others_;
  std::optional<std::int64_t> label_;
  std::int64_t n_outputs_ = 0;
  bool one_output_ = false;
};

}  // namespace leadline::detail::vnnlib

namespace leadline::robustness {

std::string to_vnnlib(const LocalProblem& problem, std::string_view comment) {
  using detail::vnnlib::decimal;
  detail::vnnlib::check(problem);
  std::string out;
  while (!comment.empty()) {
    const auto end = std::min(comment.find('\n'), comment.size());
    out += fmt::format("; {}\n", comment.substr(0, end));
    comment.remove_prefix(std::min(end + 1, comment.size()));
  }
  for (std::size_t i = 0; i < problem.lower.size(); ++i)
    out += fmt::format("(declare-const X_{} Real)\n", i);
  for (std::int64_t j = 0; j < problem.n_outputs; ++j)
    out += fmt::format("(declare-const Y_{} Real)\n", j);
  for (std::size_t i = 0; i < problem.lower.size(); ++i)
    out += fmt::format("(assert (>= X_{} {}))\n(assert (<= X_{} {}))\n", i,
                       decimal(problem.lower[i]), i, decimal(problem.upper[i]));
  if (problem.n_outputs == 1)
    return out + fmt::format("(assert ({} Y_0 0.0))\n", problem.label == 1 ? "<=" : ">=");
  out += "(assert (or\n";
  for (std::int64_t j = 0; j < problem.n_outputs; ++j)
    if (j != problem.label) out += fmt::format("  (and (>= Y_{} Y_{}))\n", j, problem.label);
  return out + "))\n";
}

LocalProblem from_vnnlib(std::string_view text) { return detail::vnnlib::Reader(text).read(); }

}  // namespace leadline::robustness
