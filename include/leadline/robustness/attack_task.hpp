/// The coroutine in which an attack is written: straight-line code of one row, which waits where it
/// needs an answer of the model while the engine answers many rows at once.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace leadline::robustness {

namespace detail_task {

struct PromiseBase {
  std::coroutine_handle<> parent;
  std::exception_ptr error;

  struct Final {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      const auto parent = done.promise().parent;
      return parent ? parent : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  void return_value(T given) { value = std::move(given); }
  T take() {
    if (error) std::rethrow_exception(error);
    return std::move(*value);
  }
};
template <>
struct Promise<void> : PromiseBase {
  void return_void() const noexcept {}
  void take() const {
    if (error) std::rethrow_exception(error);
  }
};

}  // namespace detail_task

/// A lazy coroutine: runs when it is awaited (or, the outermost one, when the engine resumes it).
/// Dropping it drops everything that it holds, wherever it waits.
///
///     Task<> fgsm(Row& row, double eps) {
///       std::vector<double> x = row.clean_point();
///       const Slope& slope = co_await row.climb(x, loss);
///       ascend(row, slope.gradient(), eps, x);
///       co_await row.look(x);
///     }
template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail_task::Promise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task() = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool done() const { return !handle_ || handle_.done(); }
  [[nodiscard]] std::coroutine_handle<> handle() const { return handle_; }
  /// The result of a task that is done; throws what it threw.
  T result() const { return handle_.promise().take(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) const noexcept {
    handle_.promise().parent = parent;
    return handle_;
  }
  T await_resume() const { return result(); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

}  // namespace leadline::robustness
