#include "leadline/robustness/expectations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "expectations_run.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/text_rows.hpp"

namespace leadline::robustness {
namespace {

/// Rows of a float tensor as doubles, changed by `each(row values, row)`, in the dtype they had.
Changed change_rows(const ChangeContext& context, std::string_view who,
                    const std::function<bool(std::span<double>, std::int64_t)>& each) {
  const Tensor& given = context.batch.inputs.primary;
  if (given.dtype() != DType::f32 && given.dtype() != DType::f64)
    throw CapabilityError(who, "inputs of float32 or float64", given.describe(),
                          "write the change on the batch instead");
  const Tensor wide = given.host(DType::f64);
  const auto matrix = wide.matrix<double>();
  std::vector<double> values(matrix.data(), matrix.data() + matrix.size());
  Changed out{Inputs({}, context.batch.inputs.extras)};
  out.applies.resize(static_cast<std::size_t>(matrix.rows()));
  for (Eigen::Index i = 0; i < matrix.rows(); ++i)
    out.applies[static_cast<std::size_t>(i)] =
        each(std::span(values).subspan(static_cast<std::size_t>(i * matrix.cols()),
                                       static_cast<std::size_t>(matrix.cols())),
             i);
  out.inputs.primary =
      given.dtype() == DType::f64
          ? Tensor::own(std::move(values), given.shape())
          : Tensor::own(std::vector<float>(values.begin(), values.end()), given.shape());
  return out;
}

Change edit_at(std::function<std::int64_t(const ChangeContext&)> find,
               std::function<double(double)> change) {
  return [find = std::move(find), change = std::move(change)](const ChangeContext& context) {
    const std::int64_t column = find(context);
    return change_rows(context, "edit", [&](std::span<double> row, std::int64_t) {
      if (column < 0 || column >= std::ssize(row))
        throw ValueError("edit", fmt::format("a column below {}", row.size()),
                         std::to_string(column), "count columns from 0");
      double& value = row[static_cast<std::size_t>(column)];
      value = change(value);
      return true;
    });
  };
}

}  // namespace

Change edit(std::int64_t column, std::function<double(double)> change) {
  return edit_at([column](const ChangeContext&) { return column; }, std::move(change));
}

Change edit(std::string column, std::function<double(double)> change) {
  return edit_at(
      [column = std::move(column)](const ChangeContext& context) {
        const auto& names = context.data.feature_names;
        const auto it = std::find(names.begin(), names.end(), column);
        if (it == names.end()) {
          const std::vector<std::string_view> known(names.begin(), names.end());
          const auto nearest = nearest_name(column, known);
          throw ValueError("edit", "a column of the data", "'" + column + "'",
                           nearest.empty() ? "name the columns with feature_names="
                                           : fmt::format("did you mean '{}'?", nearest));
        }
        return static_cast<std::int64_t>(it - names.begin());
      },
      std::move(change));
}

Change on_rows(std::function<bool(std::span<double>, stats::Rng&)> change) {
  return [change = std::move(change)](const ChangeContext& context) {
    return change_rows(context, "on_rows", [&](std::span<double> row, std::int64_t i) {
      stats::Rng random = context.random.at(context.batch.ids[static_cast<std::size_t>(i)]);
      return change(row, random);
    });
  };
}

Change on_text(std::function<std::optional<std::string>(const std::string&, stats::Rng&)> change) {
  return [change = std::move(change)](const ChangeContext& context) {
    auto texts = texts_of(context.batch.inputs.primary);
    std::vector<std::uint8_t> applies(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      stats::Rng random = context.random.at(context.batch.ids[i]);
      auto changed = change(texts[i], random);
      applies[i] = changed.has_value();
      if (changed) texts[i] = std::move(*changed);
    }
    return Changed{Inputs(text_rows(texts), context.batch.inputs.extras), std::move(applies), {}};
  };
}

Expectations::Expectations(std::vector<Expectation> tests, Options options)
    : options_(std::move(options)) {
  const auto refuse = [](const Expectation& test, const char* expected, const std::string& got,
                         const char* remedy) {
    throw ValueError(fmt::format("Expectations['{}']", test.name), expected, got, remedy);
  };
  if (tests.empty())
    throw ValueError("Expectations", "at least one test", "none", "pass a list of Expectation");
  if (options_.min_samples < 0)
    throw ValueError("Expectations", "min_samples of at least 0",
                     fmt::format("{}", options_.min_samples), "0 asks for none");
  std::set<std::string> names;
  for (const Expectation& test : tests) {
    if (test.name.empty() || !names.insert(test.name).second)
      refuse(test, "a name of its own", test.name.empty() ? "an empty one" : "it twice",
             "name each test once");
    if (!test.change && test.kind != ExpectationKind::minimum_function)
      refuse(test, "a change of the input", "none",
             "only minimum_function tests inputs as they are");
    if (!(test.tolerance >= 0) || !std::isfinite(test.tolerance))
      refuse(test, "a tolerance of at least 0", fmt::format("{}", test.tolerance),
             "give it in probability");
    if (!(test.max_failure_rate >= 0 && test.max_failure_rate <= 1))
      refuse(test, "max_failure_rate in [0, 1]", fmt::format("{}", test.max_failure_rate),
             "give a share");
    if (test.of_class < -1)
      refuse(test, "of_class of at least 0", fmt::format("{}", test.of_class),
             "count classes from 0; leave it out for the class answered before");
  }
  tests_ = std::make_shared<const std::vector<Expectation>>(std::move(tests));
}

ProbeInfo Expectations::info() const {
  const bool graded = std::any_of(tests_->begin(), tests_->end(), [](const Expectation& test) {
    return test.kind == ExpectationKind::direction ||
           (test.kind == ExpectationKind::invariance && test.tolerance > 0);
  });
  const bool fixed = std::any_of(tests_->begin(), tests_->end(),
                                 [](const Expectation& test) { return test.cases != nullptr; });
  return {.name = "expectations",
          .question = "Does it behave as people expect in cases that they wrote down?",
          .access = graded ? Access::outputs : Access::labels,
          .needs_target = false,
          .relative_cost = 1 + static_cast<double>(tests_->size()),
          .alternative = "invariance with tolerance 0, which needs labels only",
          .shards = !fixed};
}

std::vector<std::pair<std::string, std::string>> Expectations::options() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Expectation& test : *tests_)
    out.emplace_back(
        test.name,
        leadline::text_of(OptionValue(fmt::format(
            "{}{}, tolerance {:g}, {}, class {}, limit {:g}",
            names_of(std::type_identity<ExpectationKind>{})[static_cast<std::size_t>(test.kind)],
            test.cases ? fmt::format(" on {}", test.cases->info().fingerprint) : "", test.tolerance,
            names_of(std::type_identity<Expect>{})[static_cast<std::size_t>(test.expect)],
            test.of_class, test.max_failure_rate))));
  out.emplace_back("min_samples", std::to_string(options_.min_samples));
  out.emplace_back("version", leadline::text_of(OptionValue(options_.version)));
  return out;
}

std::shared_ptr<ProbeRun> Expectations::start(Session& session) const {
  return std::make_shared<detail::expectations::ExpectationsRun>(tests_, options_, session);
}

}  // namespace leadline::robustness
