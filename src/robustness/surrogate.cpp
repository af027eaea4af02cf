#include "surrogate.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "attack_scores.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/memory.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowVector = Eigen::RowVectorXf;

Matrix matrix_of(const Tensor& tensor) {
  const Tensor host = tensor.host();
  const std::int64_t n = host.size(0);
  Matrix out(n, n == 0 ? 0 : host.n_elements() / n);
  const ArrayView view(host);
  visit(view, [&](const auto* data) {
    for (std::int64_t i = 0; i < out.size(); ++i) out.data()[i] = static_cast<float>(data[i]);
  });
  return out;
}

/// Weights as [in, out].
struct Weights {
  Matrix first, second;
  RowVector first_bias, second_bias;
};

/// z = tanh((x - centre) / spread * first + bias) * second + bias
class Perceptron final : public Model {
 public:
  Perceptron(Weights weights, RowVector centre, RowVector spread)
      : weights_(std::move(weights)), centre_(std::move(centre)), spread_(std::move(spread)) {}

  [[nodiscard]] SubjectInfo info() const override {
    return {.name = "surrogate",
            .backend = "perceptron",
            .access = Access::labels | Access::outputs | Access::gradients,
            .output = OutputKind::logits};
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string> = {}) override {
    return {logits(hidden(inputs.primary)), {}, {}};
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string> = {}) override {
    const Matrix h = hidden(inputs.primary);
    std::vector<std::int64_t> shape(inputs.primary.shape().begin(), inputs.primary.shape().end());
    Pullback pull{{logits(h), {}, {}}, {}};
    pull.vjp = [this, h, shape](const Tensor& dz) {
      const Matrix back =
          (matrix_of(dz) * weights_.second.transpose()).array() * (1 - h.array().square());
      const Matrix dx = (back * weights_.first.transpose()).array().rowwise() / spread_.array();
      return Tensor::own(std::vector<float>(dx.data(), dx.data() + dx.size()), shape);
    };
    return pull;
  }

 private:
  [[nodiscard]] Matrix hidden(const Tensor& inputs) const {
    Matrix x = matrix_of(inputs);
    if (x.cols() != centre_.size())
      throw ShapeError("surrogate", std::to_string(centre_.size()) + " values a sample",
                       inputs.describe(), "give samples like those it was fitted on");
    x = (x.rowwise() - centre_).array().rowwise() / spread_.array();
    return ((x * weights_.first).rowwise() + weights_.first_bias).array().tanh();
  }
  [[nodiscard]] Tensor logits(const Matrix& h) const {
    const Matrix z = (h * weights_.second).rowwise() + weights_.second_bias;
    return Tensor::own(std::vector<float>(z.data(), z.data() + z.size()), {z.rows(), z.cols()});
  }

  Weights weights_;
  RowVector centre_, spread_;
};

/// What the model says of some inputs.
struct Answers {
  std::vector<std::int64_t> label;
  std::vector<double> logits;  // [n, k]; empty: labels only
  std::int64_t k = 0;
};

Answers ask(Model& model, const Tensor& inputs, OutputKind kind, std::int64_t batch) {
  Answers all;
  RowLimit limit;
  for (std::int64_t first = 0; first < inputs.size(0); first += batch) {
    const std::int64_t n = std::min(batch, inputs.size(0) - first);
    const auto scores = attack_scores::read(
        forward_within(limit, model, Inputs(inputs.rows(first, n))).output, kind, n);
    all.label.insert(all.label.end(), scores.label.begin(), scores.label.end());
    all.logits.insert(all.logits.end(), scores.logits.begin(), scores.logits.end());
    all.k = scores.k;
  }
  if (all.k == 0)
    all.k = std::max<std::int64_t>(2, 1 + *std::max_element(all.label.begin(), all.label.end()));
  return all;
}

/// Probabilities [n, k]; rows without a finite answer are spread evenly.
Matrix targets_of(const Answers& answers) {
  const auto n = std::ssize(answers.label);
  Matrix targets = Matrix::Zero(n, answers.k);
  for (Eigen::Index i = 0; i < n; ++i) {
    const std::int64_t label = answers.label[static_cast<std::size_t>(i)];
    if (label < 0) {
      targets.row(i).setConstant(1.0F / static_cast<float>(answers.k));
    } else if (answers.logits.empty()) {
      targets(i, label) = 1;
    } else {
      const double* z = answers.logits.data() + i * answers.k;
      for (std::int64_t c = 0; c < answers.k; ++c)
        targets(i, c) = static_cast<float>(std::exp(z[c] - z[label]));
      targets.row(i) /= targets.row(i).sum();
    }
  }
  return targets;
}

class Trainer {
 public:
  Trainer(Eigen::Index d, Eigen::Index k, const SurrogatePlan& plan, std::uint64_t seed)
      : plan_(plan), rng_(seed, "surrogate/train") {
    weights_.first = draw(d, plan.hidden);
    weights_.second = draw(plan.hidden, k);
    weights_.first_bias = RowVector::Zero(plan.hidden);
    weights_.second_bias = RowVector::Zero(k);
  }

  Weights run(const Matrix& x, const Matrix& targets) {
    const Eigen::Index n = x.rows(), batch = std::min<Eigen::Index>(plan_.batch, n);
    Matrix some(batch, x.cols()), wanted(batch, targets.cols());
    for (int step = 1; step <= plan_.steps; ++step) {
      for (Eigen::Index i = 0; i < batch; ++i) {
        const auto row = static_cast<Eigen::Index>(rng_.below(static_cast<std::uint64_t>(n)));
        some.row(i) = x.row(row);
        wanted.row(i) = targets.row(row);
      }
      descend(some, wanted, step);
    }
    return weights_;
  }

 private:
  Matrix draw(Eigen::Index rows, Eigen::Index columns) {
    std::vector<float> values(static_cast<std::size_t>(rows * columns));
    rng_.fill_normal(values);
    return Eigen::Map<Matrix>(values.data(), rows, columns) / std::sqrt(static_cast<float>(rows));
  }

  struct Moments {
    Matrix first, second;
  };
  template <class Dense>
  void adam(Dense& weights, const Matrix& gradient, int step, Moments& moments) const {
    if (moments.first.size() == 0)
      moments.first = moments.second = Matrix::Zero(gradient.rows(), gradient.cols());
    moments.first = 0.9F * moments.first + 0.1F * gradient;
    moments.second = 0.999F * moments.second + 0.001F * gradient.array().square().matrix();
    const auto fade = static_cast<float>(0.5 * (1 + std::cos(3.14159265 * step / plan_.steps)));
    const float rate = static_cast<float>(plan_.step_size) * fade *
                       std::sqrt(1 - std::pow(0.999F, static_cast<float>(step))) /
                       (1 - std::pow(0.9F, static_cast<float>(step)));
    weights.array() -= rate * moments.first.array() / (moments.second.array().sqrt() + 1e-8F);
  }

  void descend(const Matrix& x, const Matrix& wanted, int step) {
    const Matrix h = ((x * weights_.first).rowwise() + weights_.first_bias).array().tanh();
    Matrix p = (h * weights_.second).rowwise() + weights_.second_bias;
    for (Eigen::Index i = 0; i < p.rows(); ++i) {
      p.row(i) = (p.row(i).array() - p.row(i).maxCoeff()).exp();
      p.row(i) /= p.row(i).sum();
    }
    const Matrix dz = (p - wanted) / static_cast<float>(x.rows());
    const Matrix dh = (dz * weights_.second.transpose()).array() * (1 - h.array().square());
    const auto decay = static_cast<float>(plan_.decay);
    adam(weights_.second, h.transpose() * dz + decay * weights_.second, step, moments_[0]);
    adam(weights_.second_bias, dz.colwise().sum(), step, moments_[1]);
    adam(weights_.first, x.transpose() * dh + decay * weights_.first, step, moments_[2]);
    adam(weights_.first_bias, dh.colwise().sum(), step, moments_[3]);
  }

  SurrogatePlan plan_;
  stats::Rng rng_;
  Weights weights_;
  std::array<Moments, 4> moments_;
};

/// Copies of the rows with uniform noise of a share of their range: that of all values of pictures
/// [n, c, h, w], of each value for other samples.
Tensor with_noise(const Matrix& rows, const Tensor& like, const SurrogatePlan& plan,
                  std::uint64_t seed) {
  RowVector low = rows.colwise().minCoeff(), high = rows.colwise().maxCoeff();
  if (like.rank() == 4) {
    low.setConstant(low.minCoeff());
    high.setConstant(high.maxCoeff());
  }
  const Eigen::Index n = rows.rows(), d = rows.cols();
  std::vector<float> out(static_cast<std::size_t>(plan.copies * n * d)),
      noise(static_cast<std::size_t>(d));
  std::size_t at = 0;
  for (int copy = 0; copy < plan.copies; ++copy)
    for (Eigen::Index i = 0; i < n; ++i) {
      stats::Rng rng(seed, "surrogate/noise", i, static_cast<std::uint64_t>(copy));
      rng.fill_uniform(noise);
      for (Eigen::Index j = 0; j < d; ++j) {
        const float reach = static_cast<float>(plan.noise) * (high(j) - low(j));
        const float v = rows(i, j) + reach * (2 * noise[static_cast<std::size_t>(j)] - 1);
        out[at++] = std::clamp(v, low(j), high(j));
      }
    }
  auto shape = std::vector<std::int64_t>(like.shape().begin(), like.shape().end());
  shape[0] = plan.copies * n;
  if (like.dtype() == DType::f64)
    return Tensor::own(std::vector<double>(out.begin(), out.end()), shape);
  if (is_floating(like.dtype())) return Tensor::own(std::move(out), shape);
  std::vector<std::uint8_t> bytes;
  for (const float v : out) bytes.push_back(static_cast<std::uint8_t>(std::lround(v)));
  return Tensor::own(std::move(bytes), shape);
}

double rate_of_agreement(Model& surrogate, const Tensor& inputs,
                         const std::vector<std::int64_t>& labels) {
  const auto n = std::ssize(labels);
  const auto mine =
      attack_scores::read(surrogate.forward(Inputs(inputs)).output, OutputKind::logits, n).label;
  std::int64_t alike = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) alike += labels[i] == mine[i];
  return static_cast<double>(alike) / static_cast<double>(n);
}

}  // namespace

Surrogate Surrogate::fit(Model& model, const Tensor& inputs, OutputKind kind, std::uint64_t seed,
                         const SurrogatePlan& plan) {
  const std::int64_t n = inputs.size(0);
  if (inputs.rank() < 2 || n < 10)
    throw ShapeError("surrogate", "at least 10 samples [n, ...]", inputs.describe(),
                     "give it more samples to learn from");
  std::vector<SampleId> learned, kept;
  for (std::int64_t i = 0; i < n; ++i) (i % 5 == 4 ? kept : learned).push_back(i);
  const Tensor known = take_rows(inputs, learned), held = take_rows(inputs, kept);

  Matrix x = matrix_of(known);
  Answers answers = ask(model, known, kind, plan.batch_asked);
  if (plan.copies > 0) {
    const Tensor noisy = with_noise(x, known, plan, seed);
    const Answers more = ask(model, noisy, kind, plan.batch_asked);
    answers.label.insert(answers.label.end(), more.label.begin(), more.label.end());
    answers.logits.insert(answers.logits.end(), more.logits.begin(), more.logits.end());
    answers.k = std::max(answers.k, more.k);
    const Matrix more_x = matrix_of(noisy);
    const Eigen::Index before = x.rows();
    x.conservativeResize(before + more_x.rows(), Eigen::NoChange);
    x.bottomRows(more_x.rows()) = more_x;
  }
  const RowVector centre = x.colwise().mean();
  x.rowwise() -= centre;
  RowVector spread = (x.array().square().colwise().mean()).sqrt();
  spread = spread.cwiseMax(std::max(1e-3F * spread.maxCoeff(), 1e-12F)).eval();
  x.array().rowwise() /= spread.array();

  Surrogate out;
  Trainer trainer(x.cols(), answers.k, plan, seed);
  out.model_ = std::make_shared<Perceptron>(trainer.run(x, targets_of(answers)), centre, spread);
  const Answers truth = ask(model, held, kind, plan.batch_asked);
  out.agreement_ = rate_of_agreement(*out.model_, held, truth.label);
  out.n_kept_back_ = held.size(0);
  out.queries_ = x.rows() + held.size(0);
  out.n_classes_ = answers.k;
  return out;
}

}  // namespace leadline::detail
