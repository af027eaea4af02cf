#include "leadline/robustness/text_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "leadline/core/error.hpp"

namespace leadline::robustness {

Tensor text_rows(std::span<const std::string> texts) {
  std::size_t width = 1;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].find('\0') != std::string::npos)
      throw ValueError("text_rows", "texts without zero bytes", fmt::format("one in text {}", i),
                       "zero ends a text");
    width = std::max(width, texts[i].size());
  }
  std::vector<std::uint8_t> bytes(texts.size() * width, 0);
  for (std::size_t i = 0; i < texts.size(); ++i)
    std::copy(texts[i].begin(), texts[i].end(), bytes.begin() + static_cast<long>(i * width));
  return Tensor::own(std::move(bytes),
                     {static_cast<std::int64_t>(texts.size()), static_cast<std::int64_t>(width)});
}

std::vector<std::string> texts_of(const Tensor& rows) {
  if (!rows.defined() || rows.dtype() != DType::u8 || rows.rank() != 2)
    throw TypeError("texts_of", "bytes [n, width] made by text_rows",
                    rows.defined() ? rows.describe() : "nothing", "encode texts with text_rows");
  const Tensor host = rows.host();
  const auto* p = reinterpret_cast<const char*>(host.data<std::uint8_t>());
  const auto width = static_cast<std::size_t>(host.size(1));
  std::vector<std::string> texts;
  for (std::int64_t i = 0; i < host.size(0); ++i) {
    const char* row = p + static_cast<std::size_t>(i) * width;
    texts.emplace_back(row, std::find(row, row + width, '\0'));
  }
  return texts;
}

std::vector<std::string> fill_template(
    std::string_view pattern, const std::map<std::string, std::vector<std::string>>& slots) {
  constexpr std::size_t most = 1'000'000;
  std::vector<std::string> order;      // slots as they first occur
  std::vector<std::string> parts{""};  // text before, between and after the slots
  std::vector<std::size_t> slot_of;    // part k is followed by slot slot_of[k]
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      parts.back() += pattern[i];
      continue;
    }
    const std::size_t end = pattern.find('}', i);
    if (end == std::string_view::npos)
      throw ValueError("fill_template", "a '}' for each '{'", fmt::format("'{}'", pattern),
                       "close the slot");
    const std::string name(pattern.substr(i + 1, end - i - 1));
    const auto words = slots.find(name);
    if (words == slots.end() || words->second.empty())
      throw ValueError("fill_template", fmt::format("words for the slot '{}'", name), "none",
                       "give a list of words for each slot");
    const auto it = std::find(order.begin(), order.end(), name);
    slot_of.push_back(static_cast<std::size_t>(it - order.begin()));
    if (it == order.end()) order.push_back(name);
    parts.emplace_back();
    i = end;
  }
  std::size_t total = 1;
  for (const auto& [name, words] : slots) {
    if (std::find(order.begin(), order.end(), name) == order.end())
      throw ValueError("fill_template", "slots that occur in the pattern",
                       fmt::format("words for '{}'", name), "drop them or write the slot");
    total = words.size() > most / total ? most + 1 : total * words.size();
    if (total > most)
      throw ValueError("fill_template", "at most a million texts", "more",
                       "use fewer words a slot");
  }
  std::vector<std::string> texts;
  std::vector<std::size_t> at(order.size(), 0);
  for (std::size_t t = 0; t < total; ++t) {
    std::string text = parts.front();
    for (std::size_t k = 0; k < slot_of.size(); ++k)
      text += slots.at(order[slot_of[k]])[at[slot_of[k]]] + parts[k + 1];
    texts.push_back(std::move(text));
    for (std::size_t s = order.size(); s-- > 0;) {
      if (++at[s] < slots.at(order[s]).size()) break;
      at[s] = 0;
    }
  }
  return texts;
}

TextClassifier::TextClassifier(Function function, SubjectInfo info)
    : function_(std::move(function)), info_(std::move(info)) {
  if (!function_)
    throw TypeError("TextClassifier", "a function of texts", "an empty one", "pass a callable");
  info_.access =
      info_.output == OutputKind::labels ? Access::labels : Access::labels | Access::outputs;
}

TextClassifier::TextClassifier(std::shared_ptr<TextModel> model,
                               std::function<std::int64_t(const std::string&)> label,
                               Decoding decoding)
    : TextClassifier(
          [model, label = std::move(label), decoding](const std::vector<std::string>& texts) {
            std::vector<Prompt> prompts;
            for (const auto& text : texts)
              prompts.push_back({static_cast<SampleId>(prompts.size()), "", text});
            std::vector<std::int64_t> labels;
            for (const Response& response : model->generate(prompts, decoding)) {
              if (!response.error.empty())
                throw DataError("TextClassifier.forward", "an answer to every prompt",
                                response.error, "make the text model retry");
              labels.push_back(label(response.text));
            }
            const auto n = static_cast<std::int64_t>(labels.size());
            return Outputs{Tensor::own(std::move(labels), {n}), {}, {}};
          },
          SubjectInfo{.name = model ? model->info().name : "", .output = OutputKind::labels}) {}

Outputs TextClassifier::forward(const Inputs& inputs, std::span<const std::string> taps) {
  if (!taps.empty())
    throw CapabilityError("TextClassifier.forward", "no layers", taps.front(),
                          "a function of texts has none");
  return function_(texts_of(inputs.primary));
}

}  // namespace leadline::robustness
