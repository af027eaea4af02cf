// A LibTorch training loop that watches accuracy with its interval, and leaves the net as found.
//
//   find_package(leadline CONFIG REQUIRED COMPONENTS torch)
//   target_link_libraries(app PRIVATE leadline::torch)

#include <torch/nn/modules.h>
#include <torch/optim/sgd.h>

#include <iostream>

#include "leadline/metrics/accuracy.hpp"
#include "leadline/torch/models/backends.hpp"

namespace nn = torch::nn;

// Two interleaved arcs: points [n, 2] and labels [n].
static std::pair<at::Tensor, at::Tensor> arcs(std::int64_t n) {
  const at::Tensor label = at::randint(0, 2, {n}, at::kLong);
  const at::Tensor angle = at::rand({n}) * 3.14159265f;
  const at::Tensor side = label.to(at::kFloat) * -2 + 1;
  const at::Tensor x = at::cos(angle) * side + label.to(at::kFloat);
  const at::Tensor y = at::sin(angle) * side + label.to(at::kFloat) * 0.5f;
  return {at::stack({x, y}, 1) + at::randn({n, 2}) * 0.1f, label};
}

// One pass over the held-out samples through the handle that every probe uses.
static leadline::Estimate evaluate(leadline::models::TorchModel& model, const at::Tensor& x,
                                   const at::Tensor& label) {
  leadline::metrics::Accuracy accuracy;
  const auto token = model.hold();  // evaluation mode until the end of this function
  for (std::int64_t at = 0; at < x.size(0); at += 256) {
    const at::Tensor scores = model.call(x.slice(0, at, at + 256)).output;
    const leadline::Tensor host_scores = leadline::from_aten(scores).host();
    const leadline::Tensor host_label = leadline::from_aten(label.slice(0, at, at + 256)).host();
    accuracy.update(leadline::ArrayView(host_scores), leadline::ArrayView(host_label));
  }
  return accuracy.compute();
}

int main() {
  at::manual_seed(0);
  nn::Sequential net(nn::Linear(2, 32), nn::Tanh(), nn::Dropout(0.1), nn::Linear(32, 2));
  const auto model = leadline::models::from_module(net, {.name = "arcs"});
  const auto [x, label] = arcs(2000);
  const auto [held_x, held_label] = arcs(1000);

  torch::optim::SGD optimizer(net->parameters(), torch::optim::SGDOptions(0.5).momentum(0.9));
  for (int epoch = 0; epoch < 60; ++epoch) {
    net->train();
    optimizer.zero_grad();
    at::cross_entropy_loss(net->forward(x), label).backward();
    optimizer.step();
    if (epoch % 20 != 19) continue;
    std::cout << "epoch " << epoch + 1 << "  accuracy "
              << evaluate(*model, held_x, held_label).text() << '\n';
  }
  if (!net->is_training()) return 1;  // the loop goes on as it was
  // Promote only what is good enough at the lower end of the interval.
  const leadline::Estimate last = evaluate(*model, held_x, held_label);
  return last.ok() && *last.lower > 0.9 ? 0 : 1;
}
