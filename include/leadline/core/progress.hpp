/// Progress and cancellation, given by the caller of a run.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace leadline {

struct Progress {
  std::string_view stage;            // "pass over test", "pgd"
  std::int64_t done = 0, total = 0;  // samples; total 0: unknown
  double seconds = 0;                // since the run began
};
using ProgressCallback = std::function<void(const Progress&)>;

/// Shared flag: the holder requests, the run polls.
class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
  void cancel() const { flag_->store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const { return flag_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace leadline
