#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "leadline/core/error.hpp"
#include "testing/laws.hpp"

namespace leadline::testing {
namespace detail::check_dataset {

bool same(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  const Tensor x = a.host(), y = b.host();
  return x.dtype() == y.dtype() && std::ranges::equal(x.shape(), y.shape()) &&
         std::memcmp(x.layout().data, y.layout().data, x.n_elements() * bytes_of(x.dtype())) == 0;
}

bool same(const Batch& a, const Batch& b) {
  if (a.ids != b.ids || !same(a.inputs.primary, b.inputs.primary) || !same(a.target, b.target) ||
      a.inputs.extras.size() != b.inputs.extras.size())
    return false;
  return std::ranges::equal(a.inputs.extras, b.inputs.extras, [](const auto& x, const auto& y) {
    return x.first == y.first && same(x.second, y.second);
  });
}

std::string lengths(const Batch& batch) {
  const auto n = batch.size();
  const auto wrong = [n](const Tensor& tensor) { return tensor.defined() && tensor.size(0) != n; };
  if (wrong(batch.inputs.primary))
    return fmt::format("{} ids, inputs {}", n, batch.inputs.primary.describe());
  if (wrong(batch.target)) return fmt::format("{} ids, target {}", n, batch.target.describe());
  for (const auto& [name, extra] : batch.inputs.extras)
    if (wrong(extra)) return fmt::format("{} ids, input '{}' {}", n, name, extra.describe());
  if (batch.table && batch.table->size() != n)
    return fmt::format("{} ids, a table of {}", n, batch.table->size());
  return {};
}

void by_id(const Dataset& data, std::int64_t size, Laws& laws) {
  const auto n = std::min<std::int64_t>(size, 16);
  std::vector<SampleId> ids(n), reversed;
  std::iota(ids.begin(), ids.end(), size - n);
  reversed.assign(ids.rbegin(), ids.rend());
  laws.try_that("a_batch_holds_the_ids_asked_for_in_order", [&] {
    const Batch batch = data.batch(reversed);
    return batch.ids == reversed ? lengths(batch) : "other ids";
  });
  laws.try_that("the_same_ids_give_the_same_samples", [&] {
    return same(data.batch(ids), data.batch(ids)) ? std::string() : "they changed";
  });
  laws.try_that("a_sample_does_not_depend_on_its_batch", [&] {
    const Batch together = data.batch(ids);
    for (std::int64_t i = 0; i < n; ++i) {
      const Batch alone = data.batch(std::span(&ids[i], 1));
      if (!same(alone.inputs.primary, together.inputs.primary.host().rows(i, 1)))
        return fmt::format("sample {} alone and among others", ids[i]);
    }
    return std::string();
  });
  laws.try_that("unknown_ids_are_refused", [&] {
    for (const SampleId bad : {SampleId{-1}, size})
      if (auto found = Laws::refusal([&] { (void)data.batch(std::span(&bad, 1)); }); !found.empty())
        return fmt::format("id {}: {}", bad, found);
    return std::string();
  });
}

void by_cursor(const Dataset& data, std::optional<std::int64_t> size, Laws& laws) {
  laws.try_that("the_cursor_gives_each_sample_once", [&] {
    std::vector<SampleId> seen;
    const auto cursor = data.open();
    while (auto batch = cursor->next(7)) {
      if (batch->size() == 0 || batch->size() > 7)
        return fmt::format("{} samples of 7", batch->size());
      if (auto found = lengths(*batch); !found.empty()) return found;
      seen.insert(seen.end(), batch->ids.begin(), batch->ids.end());
      if (!size && seen.size() >= 1000) break;  // may be endless
    }
    const auto n = seen.size();
    std::sort(seen.begin(), seen.end());
    if (std::adjacent_find(seen.begin(), seen.end()) != seen.end())
      return std::string("an id twice");
    return size && std::ssize(seen) != *size ? fmt::format("{} of {} samples", n, *size)
                                             : std::string();
  });
}

}  // namespace detail::check_dataset

Contract check_dataset(const Dataset& data) {
  namespace impl = detail::check_dataset;
  const DataInfo about = data.info();
  detail::Laws laws("data set '" + about.name + "'");
  laws.that("it_has_samples", !about.size || *about.size > 0, "size 0");
  if (!laws.contract.ok()) return laws.contract;
  if (about.random_access) {
    laws.that("random_access_has_a_size", about.size.has_value(), "size is not known");
    if (about.size) impl::by_id(data, *about.size, laws);
  } else {
    laws.try_that("a_stream_refuses_to_be_re_read", [&] {
      const SampleId first = 0;
      try {
        (void)data.batch(std::span(&first, 1));
      } catch (const CapabilityError&) {
        return std::string();
      }
      return std::string("batch() answers, but random_access is false");
    });
  }
  impl::by_cursor(data, about.size, laws);
  laws.that("its_fingerprint_is_stable", about.fingerprint == data.info().fingerprint,
            "it changed between two calls");
  laws.that("what_can_be_re_read_has_a_fingerprint",
            !about.random_access || !about.fingerprint.empty(), "it is empty");
  return laws.contract;
}

}  // namespace leadline::testing
