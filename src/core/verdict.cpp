#include "leadline/core/verdict.hpp"

namespace leadline {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::met:
      return "met";
    case Outcome::not_met:
      return "not_met";
    case Outcome::undecided:
      return "undecided";
    case Outcome::not_measured:
      break;
  }
  return "not_measured";
}

std::string_view symbol_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::at_least:
      return ">=";
    case Comparison::at_most:
      return "<=";
    case Comparison::above:
      return ">";
    case Comparison::below:
      break;
  }
  return "<";
}

}  // namespace leadline
