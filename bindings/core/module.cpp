/// leadline._core: everything that needs no torch.
#include "core/behaviour.hpp"
#include "core/bindings.hpp"
#include "core/corruptions.hpp"
#include "core/fairness.hpp"
#include "core/mitigation.hpp"
#include "core/ranking.hpp"
#include "core/stats.hpp"
#include "leadline/config.hpp"

PYBIND11_MODULE(_core, m) {
  using namespace leadline::bindings;
  m.doc() = "The core of leadline: nouns, engine, report. Needs no torch.";
  m.attr("__version__") = LEADLINE_VERSION;
#ifdef LEADLINE_TORCH_VERSION
  m.attr("__torch_version__") = LEADLINE_TORCH_VERSION;  // built against; "" without torch
#else
  m.attr("__torch_version__") = "";
#endif
  bind_errors(m);
  bind_tensor(m);
  bind_estimate(m);
  bind_finding(m);
  bind_report(m);
  bind_dataset(m);
  bind_subject(m);
  bind_metric(m);
  bind_ranking(m);
  bind_session(m);
  bind_probe(m);
  bind_catalog(m);
  bind_engine(m);
  bind_compare(m);
  bind_decisions(m);
  bind_mitigation(m);
  bind_robustness(m);
  bind_corruptions(m);
  bind_smoothing(m);
  bind_black_box(m);
  bind_testing(m);
  bind_fairness(m);
  bind_stats(m);
  bind_behaviour(m);
  bind_failure_search(m);
}
