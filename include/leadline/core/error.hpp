/// The exceptions of leadline. Every message has four parts:
/// `<where>: expected <expected>, got <got> (<remedy>)`.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "leadline/config.hpp"

namespace leadline {

/// Base of everything leadline throws on purpose.
///
///     throw ValueError("ExpectedCalibrationError.update", "confidence in [0, 1]",
///                      "3.7 at sample 12", "pass probabilities; apply softmax to logits");
class LEADLINE_API Error : public std::runtime_error {
 public:
  Error(std::string_view where, std::string_view expected, std::string_view got,
        std::string_view remedy);
  ~Error() override;

  [[nodiscard]] const std::string& where() const noexcept { return where_; }
  [[nodiscard]] const std::string& expected() const noexcept { return expected_; }
  [[nodiscard]] const std::string& got() const noexcept { return got_; }
  [[nodiscard]] const std::string& remedy() const noexcept { return remedy_; }

 private:
  std::string where_, expected_, got_, remedy_;
};

/// A value outside its range, an unknown name, an option that contradicts another.
class LEADLINE_API ValueError : public Error {
 public:
  using Error::Error;
  ~ValueError() override;
};

/// An object, dtype or state of the wrong kind.
class LEADLINE_API TypeError : public Error {
 public:
  using Error::Error;
  ~TypeError() override;
};

/// A wrong rank, a wrong number of rows or classes.
class LEADLINE_API ShapeError : public Error {
 public:
  using Error::Error;
  ~ShapeError() override;
};

/// The subject or data set cannot do what is asked: no gradients, no random access.
class LEADLINE_API CapabilityError : public Error {
 public:
  using Error::Error;
  ~CapabilityError() override;
};

/// The data set failed or gave data that no run can use.
class LEADLINE_API DataError : public Error {
 public:
  using Error::Error;
  ~DataError() override;
};

/// Reading or writing a run directory, report or state failed.
class LEADLINE_API StoreError : public Error {
 public:
  using Error::Error;
  ~StoreError() override;
};

/// The user asked to stop.
class LEADLINE_API Cancelled : public Error {
 public:
  using Error::Error;
  ~Cancelled() override;
};

}  // namespace leadline
