#include "torch/models/script_state.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace leadline::detail::script_state {

bool is_plain(const c10::IValue& value) {
  return value.isTensor() || value.isNone() || value.isInt() || value.isDouble() ||
         value.isBool() || value.isString() || value.isTuple();
}

std::uint32_t version_of(const at::Tensor& tensor) {
  return tensor.defined() && !tensor.is_inference() ? static_cast<std::uint32_t>(tensor._version())
                                                    : 0;
}

Attributes::Attributes(const ::torch::jit::Module& module) {
  const c10::NoGradGuard no_grad;
  for (const auto& part : module.named_modules()) {
    const auto object = part.value._ivalue();
    const auto type = object->type();
    for (std::size_t slot = 0; slot < type->numAttributes(); ++slot) {
      const std::string name = type->getAttributeName(slot);
      const c10::IValue value = object->getSlot(slot);
      if (type->is_parameter(slot) || type->is_buffer(slot) || name == "training" ||
          !is_plain(value))
        continue;
      Kept kept{object, slot, part.name.empty() ? name : part.name + "." + name, value, {}, 0};
      if (value.isTensor() && value.toTensor().defined()) {
        kept.copy = value.toTensor().detach().clone();
        kept.version = version_of(value.toTensor());
      }
      kept_.push_back(std::move(kept));
    }
  }
}

bool Attributes::put_back(const Kept& kept) {
  const c10::IValue now = kept.owner->getSlot(kept.slot);
  const bool other = kept.found.isString()
                         ? !now.isString() || now.toStringRef() != kept.found.toStringRef()
                         : !now.is(kept.found);
  if (other) kept.owner->setSlot(kept.slot, kept.found);
  if (!kept.copy.defined() || version_of(kept.found.toTensor()) == kept.version) return other;
  const at::Tensor found = kept.found.toTensor().detach();
  if (found.sizes() == kept.copy.sizes() && at::equal(found, kept.copy)) return other;
  if (found.sizes() == kept.copy.sizes())
    found.copy_(kept.copy);
  else
    kept.owner->setSlot(kept.slot, kept.copy.clone());
  return true;
}

std::string Attributes::restore() {
  const c10::NoGradGuard no_grad;
  std::string moved;
  for (const Kept& kept : kept_)
    if (put_back(kept)) moved += (moved.empty() ? "" : ", ") + kept.name;
  return moved;
}

}  // namespace leadline::detail::script_state
