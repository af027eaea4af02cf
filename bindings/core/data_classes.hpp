/// Data sets as Python makes them.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>

#include "leadline/core/dataset.hpp"

namespace leadline::bindings {

/// What `leadline.Dataset(x, y, ...)` gives: forwards to the data set that the adapters made.
/// (A wrapper, since one C++ object must not be two Python objects.)
class MadeDataset final : public Dataset {
 public:
  MadeDataset(std::shared_ptr<Dataset> made, std::string arrays)
      : inner(std::move(made)), array_kind(std::move(arrays)) {}
  DataInfo info() const override { return inner->info(); }
  Batch batch(std::span<const SampleId> ids) const override { return inner->batch(ids); }
  std::unique_ptr<Cursor> open(SampleId first) const override { return inner->open(first); }

  std::shared_ptr<Dataset> inner;
  std::string array_kind;  // "numpy" or "torch": what the user gave, and callables get
};

inline std::shared_ptr<Dataset> unwrap(std::shared_ptr<Dataset> data) {
  const auto made = std::dynamic_pointer_cast<MadeDataset>(data);
  return made ? made->inner : data;
}

void bind_dataset_classes(pybind11::module_& m);

}  // namespace leadline::bindings
