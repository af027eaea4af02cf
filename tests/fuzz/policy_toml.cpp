#include "fuzz.hpp"
#include "leadline/engine/policy.hpp"

LEADLINE_FUZZ(policy_toml, input) {
  using leadline::Policy;
  (void)fuzz::refused([&] {
    const Policy policy = Policy::from_toml(input);
    const std::string text = policy.to_toml();
    const Policy again = Policy::from_toml(text);
    fuzz::expect(again.to_toml() == text, "a policy does not come back");
    fuzz::expect(again.hash() == policy.hash(), "a policy comes back with another hash");
    fuzz::expect(again.locked_at() == policy.locked_at(), "a lock does not come back");
  });
}

LEADLINE_FUZZ_SEEDS(policy_toml) {
  leadline::Policy policy("release \"gate\"\n");
  leadline::Requirement accuracy;
  accuracy.name = "reads well";
  accuracy.estimate = "task.accuracy";
  accuracy.limit = 0.9;
  leadline::Requirement robust;
  robust.estimate = "pgd.accuracy{norm=linf,eps=0.03}";
  robust.comparison = leadline::Comparison::above;
  robust.limit = 1e-300;
  robust.slice = "sex=f";
  robust.reason = "contract, 4.2";
  policy.require(accuracy).require(robust);
  const std::string open = policy.to_toml();
  policy.lock("2026-11-21T10:00:00Z");
  return {open, policy.to_toml(), "[[require]]\nestimate = 'a.b'\nat_most = 1_000\n"};
}
