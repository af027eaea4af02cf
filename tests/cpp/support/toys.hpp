/// Small subjects and data for tests of probes, without torch.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/dataset.hpp"
#include "leadline/core/subject.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::toys {

/// Gives its inputs back: the data are the scores.
inline std::shared_ptr<Subject> echo(OutputKind kind = OutputKind::logits) {
  SubjectInfo info;
  info.name = "echo";
  info.output = kind;
  return std::make_shared<FunctionModel>(
      [](const Inputs& x) {
        return Outputs{x.primary, {}, {}};
      },
      info);
}

/// A model of any function from rows of floats to rows of `n_out` floats.
template <class Row>
std::shared_ptr<Subject> rowwise(std::int64_t n_out, Row row,
                                 OutputKind kind = OutputKind::logits) {
  SubjectInfo info;
  info.name = "rowwise";
  info.output = kind;
  return std::make_shared<FunctionModel>(
      [n_out, row](const Inputs& inputs) mutable {
        const Tensor host = inputs.primary.host(DType::f32);
        const auto x = host.matrix<float>();
        std::vector<float> out(static_cast<std::size_t>(x.rows() * n_out));
        for (Eigen::Index i = 0; i < x.rows(); ++i)
          row(x.data() + i * x.cols(), out.data() + i * n_out);
        return Outputs{Tensor::own(std::move(out), {x.rows(), n_out}), {}, {}};
      },
      info);
}

/// The largest score as an integer label.
inline std::shared_ptr<Subject> labels_only(std::shared_ptr<Subject> scores) {
  SubjectInfo info;
  info.name = "labels only";
  info.output = OutputKind::labels;
  info.access = Access::labels;
  return std::make_shared<FunctionModel>(
      [scores](const Inputs& x) {
        const Tensor host = dynamic_cast<Model&>(*scores).forward(x).output.host(DType::f64);
        const auto all = host.matrix<double>();
        std::vector<std::int64_t> labels;
        for (Eigen::Index i = 0; i < all.rows(); ++i) {
          Eigen::Index best = 0;
          all.row(i).maxCoeff(&best);
          labels.push_back(best);
        }
        const std::int64_t n = std::ssize(labels);
        return Outputs{Tensor::own(std::move(labels), {n}), {}, {}};
      },
      info);
}

struct Scored {
  std::vector<float> logits;
  std::vector<std::int64_t> target;
  std::int64_t n_classes = 0;
};

/// Labels drawn from the softmax of random logits: a calibrated model. `sharpness` scales them.
inline Scored calibrated(std::int64_t n, std::int64_t n_classes, double sharpness,
                         std::uint64_t seed) {
  Scored out{{}, {}, n_classes};
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "calibrated", i);
    std::vector<double> z(static_cast<std::size_t>(n_classes));
    double sum = 0;
    for (double& v : z) sum += std::exp(v = static_cast<float>(sharpness * rng.normal()));
    double u = rng.uniform() * sum;
    std::int64_t label = n_classes - 1;
    for (std::int64_t c = 0; c < n_classes; ++c) {
      out.logits.push_back(static_cast<float>(z[static_cast<std::size_t>(c)]));
      u -= std::exp(z[static_cast<std::size_t>(c)]);
      if (u < 0 && label == n_classes - 1) {
        label = c;
        u = 1e300;
      }
    }
    out.target.push_back(label);
  }
  return out;
}

inline DatasetPtr dataset(const Scored& scored, TensorDataset::Options options = {}) {
  const std::int64_t n = std::ssize(scored.target);
  return std::make_shared<TensorDataset>(Tensor::own(scored.logits, {n, scored.n_classes}),
                                         Tensor::own(scored.target, {n}), std::move(options));
}

/// Runs one probe and returns its finding.
inline Finding run(std::shared_ptr<const Probe> probe, std::shared_ptr<Subject> subject,
                   DatasetPtr data, EvaluateOptions options = {}) {
  Suite suite;
  const std::string id = probe->info().name;
  suite.add(std::move(probe));
  const Report report = evaluate(std::move(subject), std::move(data), suite, options);
  return *report.find(id);
}

inline const Check& check_of(const Finding& finding, const std::string& name) {
  for (const Check& check : finding.checks)
    if (check.name == name) return check;
  throw std::runtime_error("no check " + name + " in " + finding.probe + ": " + finding.why);
}

}  // namespace leadline::toys
