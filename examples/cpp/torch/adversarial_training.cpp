// Hardens a net in a LibTorch training loop, and measures before and after with the same attack.
//
//   find_package(leadline CONFIG REQUIRED COMPONENTS torch)
//   target_link_libraries(app PRIVATE leadline::torch)

#include <torch/nn/modules.h>
#include <torch/optim/adam.h>

#include <cmath>
#include <iostream>

#include "leadline/core/estimate.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/torch/mitigate/adversarial_training.hpp"

namespace nn = torch::nn;
using leadline::robustness::Pgd;

// Points of the unit square [n, 16] read by a smooth pattern, and labels [n].
static std::pair<at::Tensor, at::Tensor> patterns(std::int64_t n) {
  const at::Tensor label = at::randint(0, 2, {n}, at::kLong);
  const at::Tensor pattern = at::cos(at::arange(16, at::kFloat) * 0.8f);
  const at::Tensor side = (label.to(at::kFloat) * 2 - 1).unsqueeze(1);
  return {(0.5f + 0.15f * side * pattern + 0.1f * at::randn({n, 16})).clamp(0, 1), label};
}

// Share read correctly whatever the attack does, with its interval.
static leadline::Estimate robust_accuracy(const Pgd& attack, const leadline::mitigate::Trainee& net,
                                          const at::Tensor& x, const at::Tensor& label) {
  std::int64_t standing = 0;
  for (const auto& row : attack.attack(*net.model, x, label).results)
    standing += std::isinf(row.fooled_at) ? 1 : 0;
  return leadline::Estimate::rate(standing, x.size(0));
}

int main() {
  at::manual_seed(0);
  nn::Sequential net(nn::Linear(16, 32), nn::ReLU(), nn::Linear(32, 2));
  const auto trainee = leadline::mitigate::trainee(net);
  const auto [x, label] = patterns(1000);
  const auto [held_x, held_label] = patterns(300);
  const leadline::robustness::Threat threat{.eps = 0.1};
  const Pgd attack({.threat = threat, .steps = 20});
  leadline::mitigate::PgdTraining hardening({.threat = threat, .steps = 5});

  torch::optim::Adam optimizer(net->parameters(), torch::optim::AdamOptions(5e-3));
  leadline::Estimate before;
  for (const bool harden : {false, true}) {
    for (int epoch = 0; epoch < 30; ++epoch) {
      for (std::int64_t first = 0; first < x.size(0); first += 250) {
        const at::Tensor part = x.slice(0, first, first + 250),
                         y = label.slice(0, first, first + 250);
        optimizer.zero_grad();
        const at::Tensor loss = harden ? hardening.loss(trainee, part, y)
                                       : at::cross_entropy_loss(net->forward(part), y);
        loss.backward();
        optimizer.step();
      }
    }
    const leadline::Estimate now = robust_accuracy(attack, trainee, held_x, held_label);
    std::cout << (harden ? "hardened" : "plain   ") << "  right under attack " << now.text()
              << '\n';
    if (!harden) before = now;
    // Done when the intervals do not overlap.
    if (harden) return *now.lower > *before.upper ? 0 : 1;
  }
}
