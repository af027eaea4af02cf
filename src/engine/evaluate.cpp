#include "leadline/engine/evaluate.hpp"

#include "engine/run.hpp"

namespace leadline {

Report evaluate(std::shared_ptr<Subject> subject, DatasetPtr data, const Suite& suite,
                const EvaluateOptions& options) {
  return detail::engine::Run(std::move(subject), std::move(data), suite, options).evaluate();
}

Report merge_shards(std::shared_ptr<Subject> subject, DatasetPtr data, const Suite& suite,
                    const std::vector<std::string>& directories, const EvaluateOptions& options) {
  EvaluateOptions whole = options;
  whole.shard = {};
  return detail::engine::Run(std::move(subject), std::move(data), suite, whole).merge(directories);
}

}  // namespace leadline
