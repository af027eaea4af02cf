/// Texts as rows of a tensor, so that a model on strings is a `Model` like any other: UTF-8 bytes,
/// one text a row, padded with zeros.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/subject.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline::robustness {

/// Bytes [n, longest]; at least one column. Throws ValueError for a text with a zero byte.
[[nodiscard]] LEADLINE_API Tensor text_rows(std::span<const std::string> texts);
/// Back again. Throws TypeError unless `rows` is bytes [n, width].
[[nodiscard]] LEADLINE_API std::vector<std::string> texts_of(const Tensor& rows);

/// Every text that `pattern` gives when each {slot} takes each of its words; the last slot of the
/// pattern changes fastest (the templates of CheckList, Ribeiro et al. 2020, arXiv:2005.04118).
/// A slot that occurs twice takes the same word. Throws ValueError for a slot without words, words
/// without a slot, an open brace, or more than a million texts.
///     fill_template("a {what} day", {{"what", {"good", "bad"}}})  // "a good day", "a bad day"
[[nodiscard]] LEADLINE_API std::vector<std::string> fill_template(
    std::string_view pattern, const std::map<std::string, std::vector<std::string>>& slots);

/// A model on texts behind rows of bytes.
class LEADLINE_API TextClassifier : public Model {
 public:
  using Function = std::function<Outputs(const std::vector<std::string>&)>;
  /// `info.output` says what the function gives: labels, probabilities, logits or values.
  TextClassifier(Function function, SubjectInfo info);
  /// Asks a `TextModel` and reads a label from each response. Throws DataError from `forward` for a
  /// response that carries an error.
  TextClassifier(std::shared_ptr<TextModel> model,
                 std::function<std::int64_t(const std::string&)> label, Decoding decoding = {});
  [[nodiscard]] SubjectInfo info() const override { return info_; }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps = {}) override;

 private:
  Function function_;
  SubjectInfo info_;
};

}  // namespace leadline::robustness
