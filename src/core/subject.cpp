#include "leadline/core/subject.hpp"

#include "leadline/core/error.hpp"

namespace leadline {

std::string text_of(Access access) {
  constexpr std::pair<Access, std::string_view> names[] = {
      {Access::labels, "labels"},       {Access::outputs, "outputs"},
      {Access::gradients, "gradients"}, {Access::activations, "activations"},
      {Access::weights, "weights"},     {Access::text, "text"}};
  std::string text;
  for (const auto& [bit, name] : names) {
    if (!offers(access, bit)) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text.empty() ? "nothing" : text;
}

std::string_view name_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::logits:
      return "logits";
    case OutputKind::probabilities:
      return "probabilities";
    case OutputKind::labels:
      return "labels";
    case OutputKind::values:
      return "values";
    case OutputKind::unknown:
      break;
  }
  return "unknown";
}

Subject::~Subject() = default;
std::shared_ptr<void> Subject::hold() { return nullptr; }
std::vector<std::string> Subject::notes() const { return {}; }

Pullback Model::pullback(const Inputs&, std::span<const std::string>) {
  throw CapabilityError("Model.pullback", "a model that gives gradients",
                        "'" + info().name + "', which offers " + text_of(info().access),
                        "use a probe that needs outputs or labels only");
}

Tensor Model::weight(std::string_view name) const {
  throw CapabilityError("Model.weight", "a model that gives its weights",
                        "'" + info().name + "', asked for '" + std::string(name) + "'",
                        "pass the module itself");
}

FunctionModel::FunctionModel(Function function, SubjectInfo info)
    : function_(std::move(function)), info_(std::move(info)) {
  if (!function_) throw TypeError("FunctionModel", "a callable", "an empty function", "");
  if (info_.backend.empty()) info_.backend = "function";
  info_.access =
      info_.output == OutputKind::labels ? Access::labels : Access::labels | Access::outputs;
}

Outputs FunctionModel::forward(const Inputs& inputs, std::span<const std::string> taps) {
  if (!taps.empty())
    throw CapabilityError("FunctionModel.forward", "a model with reachable layers",
                          "'" + info_.name + "', asked for layer '" + taps.front() + "'",
                          "pass the module itself");
  return function_(inputs);
}

}  // namespace leadline
