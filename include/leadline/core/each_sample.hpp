/// A probe from a function of one batch: it gives numbers a sample, the rest is done for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/probe.hpp"

namespace leadline {

/// Calls a function on each batch of a pass, writes its columns to the sample table under
/// "<probe id>.<column>", and reports the mean of each with its interval: Wilson for columns of
/// zeros and ones, Student's t else.
///
///     EachSample brightness({.name = "brightness", .question = "How bright are the images?"},
///                           [](Context& context) { return EachSample::Columns{{"mean", ...}}; });
///
/// A sample without a value is NaN in the function's answer: it is left out, counted in the fact
/// `missing`, and absent in the table. Infinite values are a ValueError.
class LEADLINE_API EachSample : public Probe {
 public:
  /// Name -> one number a sample of the batch.
  using Columns = std::map<std::string, std::vector<double>, std::less<>>;
  using Function = std::function<Columns(Context&)>;
  struct Options {
    std::string name = "each_sample";
    std::string question{};
    Access access = Access::outputs;
    std::vector<std::string> layers{};  // activations the function reads
    std::string over = "test";
    bool needs_target = false;
    Better better = Better::neither;
    std::string version{};  // of the function: part of the run identity
  };
  /// Throws TypeError for an empty function.
  EachSample(Options options, Function function);

  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  std::shared_ptr<const Options> options_;
  std::shared_ptr<const Function> function_;
};

}  // namespace leadline
