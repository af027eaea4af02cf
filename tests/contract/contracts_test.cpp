// The contract checks find what they are for: each planted fault breaks the law that names it.
#include "leadline/testing/contracts.hpp"

#include "catch.hpp"
#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

std::vector<std::string> broken(const testing::Contract& contract) {
  std::vector<std::string> names;
  for (const auto& law : contract.laws)
    if (!law.held) names.push_back(law.name);
  return names;
}
bool breaks(const testing::Contract& contract, std::string_view law) {
  INFO(contract.text());
  for (const auto& name : broken(contract))
    if (name.starts_with(law)) return true;
  return false;
}

enum class Fault { none, last_batch, merge, state, load, nan, empty };

/// ToyAccuracy with a planted fault.
class Faulty : public Metric {
 public:
  explicit Faulty(Fault fault) : fault_(fault) {}
  MetricInfo info() const override {
    MetricInfo about;
    about.name = "faulty";
    about.reads = {"confidence"};
    return about;
  }
  void update(const Rows& rows) override {
    const ArrayView& confidence = rows.at("confidence", "Faulty.update");
    if (fault_ == Fault::last_batch) sum_ = 0, n_ = 0;
    double sum = 0;
    for (std::int64_t i = 0; i < confidence.rows; ++i) {
      const double value = confidence.at(i);
      if (fault_ != Fault::nan && !(value >= 0 && value <= 1)) {
        if (fault_ == Fault::state) ++n_;
        throw ValueError("Faulty.update", "confidence in [0, 1]", std::to_string(value), "");
      }
      sum += value;
    }
    sum_ += sum;
    n_ += confidence.rows;
  }
  void merge(const Metric& other) override {
    const auto* same = dynamic_cast<const Faulty*>(&other);
    if (same == nullptr) throw ValueError("Faulty.merge", "its kind", "another", "");
    if (fault_ != Fault::merge) sum_ += same->sum_;
    n_ += same->n_;
  }
  Estimate compute() const override {
    if (n_ == 0 && fault_ != Fault::empty) return {};
    return Estimate::of(n_ > 0 ? sum_ / static_cast<double>(n_) : 0, n_, "toy");
  }
  std::shared_ptr<Metric> fresh() const override { return std::make_shared<Faulty>(fault_); }
  std::string save() const override { return State("Faulty").set("sum", sum_).set("n", n_).dump(); }
  void load(std::string_view text) override {
    if (fault_ == Fault::load && text == "garbage") return;
    const State state = State::parse(text, "Faulty");
    sum_ = state.number("sum");
    n_ = state.integer("n");
  }

 private:
  Fault fault_;
  double sum_ = 0;
  std::int64_t n_ = 0;
};

}  // namespace

TEST_CASE("an honest metric holds every law, a faulty one breaks the law of its fault",
          "[contract][metric]") {
  const auto of = [](Fault fault) { return testing::check_metric(Faulty(fault)); };
  REQUIRE(broken(of(Fault::none)).empty());
  REQUIRE(broken(testing::check_metric(ToyAccuracy())).empty());
  CHECK(breaks(of(Fault::last_batch), "it_does_not_depend_on_the_batches"));
  CHECK(breaks(of(Fault::merge), "merged_parts_are_the_whole"));
  CHECK(breaks(of(Fault::state), "nan_is_refused: confidence"));
  CHECK(breaks(of(Fault::load), "what_is_no_state_is_refused"));
  CHECK(breaks(of(Fault::nan), "nan_is_refused"));
  CHECK(breaks(of(Fault::empty), "nothing_seen_has_a_status"));
  REQUIRE_THROWS_WITH(of(Fault::merge).require(), ContainsSubstring("merged_parts_are_the_whole"));
}

TEST_CASE("the toy probes hold the contract of probes", "[contract][probe]") {
  testing::ProbeContract options;
  options.also = {{"train", points(60, 0, 7)}, {"ood/far", points(30, 6, 9)}};
  const auto model = std::make_shared<HalfPlane>();
  const auto held = [&](std::shared_ptr<const Probe> probe) {
    const auto contract = testing::check_probe(std::move(probe), model, points(80), options);
    INFO(contract.text());
    CHECK(contract.ok());
  };
  held(std::make_shared<Metrics>(right()));
  held(std::make_shared<EachSample>(margin()));
  held(std::make_shared<Push>());
  held(std::make_shared<Centre>());
}

TEST_CASE("a probe that draws beside the session's streams is found", "[contract][probe]") {
  auto draws = std::make_shared<int>(0);
  auto probe = std::make_shared<EachSample>(EachSample::Options{.name = "dice", .question = "?"},
                                            [draws](Context& context) {
                                              std::vector<double> out(context.batch().ids.size());
                                              for (auto& value : out) value = (++*draws * 37) % 11;
                                              return EachSample::Columns{{"x", std::move(out)}};
                                            });
  const auto contract = testing::check_probe(probe, std::make_shared<HalfPlane>(), points(80));
  CHECK(breaks(contract, "the_seed_repeats_it"));
}

TEST_CASE("a data set that shuffles and a model that mixes rows are found", "[contract]") {
  class Shuffled : public Dataset {
   public:
    DataInfo info() const override { return data_->info(); }
    Batch batch(std::span<const SampleId> ids) const override {
      std::vector<SampleId> other(ids.begin(), ids.end());
      for (auto& id : other) id = (id + ++calls_) % 20;
      Batch out = data_->batch(other);
      out.ids.assign(ids.begin(), ids.end());
      return out;
    }

   private:
    mutable SampleId calls_ = 0;
    std::shared_ptr<TensorDataset> data_ = points(20);
  };
  CHECK(breaks(testing::check_dataset(Shuffled()), "the_same_ids_give_the_same_samples"));

  HalfPlane forgetful;  // accepts any layer name
  const SampleId ids[] = {0, 1, 2};
  CHECK(breaks(testing::check_model(forgetful, points(5)->batch(ids).inputs),
               "an_unknown_layer_is_refused"));
}
