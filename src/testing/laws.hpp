/// How the contract checks write down what they saw.
#pragma once

#include <string>
#include <utility>

#include "leadline/core/error.hpp"
#include "leadline/testing/contracts.hpp"

namespace leadline::testing::detail {

class Laws {
 public:
  explicit Laws(std::string subject) { contract.subject = std::move(subject); }

  void that(std::string law, bool held, std::string detail = {}) {
    contract.laws.push_back({std::move(law), held, held ? std::string() : std::move(detail)});
  }
  /// `body` returns what broke, or "".
  template <class Body>
  void try_that(std::string law, Body&& body) {
    std::string broken;
    try {
      broken = body();
    } catch (const std::exception& error) {
      broken = std::string("it raised ") + error.what();
    }
    that(std::move(law), broken.empty(), broken);
  }
  /// `body` must throw an Error of leadline.
  template <class Body>
  static std::string refusal(Body&& body) {
    try {
      body();
    } catch (const Error&) {
      return {};
    } catch (const std::exception& error) {
      return std::string("it raised an error without the four parts: ") + error.what();
    }
    return "it was accepted";
  }

  Contract contract;
};

/// What differs between two estimates beyond `tolerance` relative, or "".
[[nodiscard]] std::string difference(const Estimate& a, const Estimate& b, double tolerance);
/// The same of all estimates, checks and statuses of two findings.
[[nodiscard]] std::string difference(const Finding& a, const Finding& b, double tolerance);

}  // namespace leadline::testing::detail
