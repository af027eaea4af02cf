#include "bounds_record.hpp"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

namespace leadline::detail::bounds {
namespace recording {

class Recorder {
 public:
  void begin(const at::RecordFunction& function) {
    Op op;
    op.name = function.name();
    if (const auto schema = function.operator_name()) op.schema = *schema;
    op.layer = layers_.empty() ? std::string() : layers_.back();
    const auto in = function.inputs();
    op.in.assign(in.begin(), in.end());
    open_.push_back(ops.size());
    ops.push_back(std::move(op));
  }
  void end(const at::RecordFunction& function) {
    if (open_.empty()) return;
    Op& op = ops[open_.back()];
    op.out = function.outputs();
    op.end = ops.size();
    open_.pop_back();
  }
  void layer(std::string_view name, bool begins) {
    if (begins)
      layers_.emplace_back(name);
    else if (!layers_.empty())
      layers_.pop_back();
  }
  std::vector<Op> ops;

 private:
  std::vector<std::size_t> open_;
  std::vector<std::string> layers_;
};

/// Of the forward that runs on this thread: callbacks of torch are plain functions.
thread_local Recorder* current = nullptr;

std::unique_ptr<at::ObserverContext> op_begins(const at::RecordFunction& function) {
  if (current != nullptr) current->begin(function);
  return nullptr;
}
void op_ends(const at::RecordFunction& function, at::ObserverContext*) {
  if (current != nullptr) current->end(function);
}

/// Registers the callbacks for this thread while it lives.
class Listening {
 public:
  explicit Listening(Recorder& into) {
    current = &into;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(&op_begins, &op_ends)
                                             .needsInputs(true)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}));
  }
  ~Listening() {
    at::removeCallback(handle_);
    current = nullptr;
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  at::RecordFunctionGuard enabled_{true};
  at::CallbackHandle handle_;
};

}  // namespace recording

Recorded record(models::TorchModel& model, const at::Tensor& x,
                const models::NamedTensors& extras) {
  recording::Recorder recorder;
  Recorded out;
  {
    const recording::Listening listening(recorder);
    out.output = model
                     .call(x, {.extras = extras.empty() ? nullptr : &extras,
                               .trace = [&](std::string_view layer,
                                            bool begins) { recorder.layer(layer, begins); }})
                     .output;
  }
  out.ops = std::move(recorder.ops);
  return out;
}

}  // namespace leadline::detail::bounds
