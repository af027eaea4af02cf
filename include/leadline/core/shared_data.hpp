/// Data sets that may outlive the call they are read in.
#pragma once

#include <memory>
#include <string_view>

#include "leadline/config.hpp"

namespace leadline {

class Dataset;

/// A `Session` that shares ownership of its data sets, as the engine's does.
class LEADLINE_API SharedData {
 public:
  virtual ~SharedData();
  /// As `Session::data`, to be kept.
  [[nodiscard]] virtual std::shared_ptr<const Dataset> data_handle(std::string_view role) const = 0;
};

}  // namespace leadline
