#include "engine/checkpoint.hpp"

#include "fuzz.hpp"
#include "leadline/core/fingerprint.hpp"

namespace {

constexpr std::size_t checkpoint_magic_size = 16, checkpoint_digest_size = 37;

void read_checkpoint(std::string_view bytes) {
  using namespace leadline::detail::engine;
  (void)fuzz::refused([&] {
    const std::string saved = encode(decode(bytes, "fuzz"));
    fuzz::expect(encode(decode(saved, "fuzz")) == saved, "a checkpoint does not come back");
  });
}

}  // namespace

/// As it is, and with the checksum that its content would have: damage that was meant.
LEADLINE_FUZZ(checkpoint, input) {
  read_checkpoint(input);
  if (input.size() < checkpoint_magic_size + checkpoint_digest_size) return;
  const auto body = input.substr(checkpoint_magic_size + checkpoint_digest_size);
  read_checkpoint(std::string(input.substr(0, checkpoint_magic_size)) +
                  leadline::Fingerprint().add(body).text() + std::string(body));
}

LEADLINE_FUZZ_SEEDS(checkpoint) {
  using namespace leadline::detail::engine;
  Checkpoint saved;
  const std::string empty = encode(saved);
  saved.complete = saved.recorded = true;
  saved.kind = leadline::OutputKind::logits;
  saved.pass_rows = {{"test", 80}, {"ood/far", 30}};
  saved.table = "table";
  SavedSlot slot;
  slot.id = "task";
  slot.needs = leadline::PassNeeds{"test", {"fc1", "fc2"}};
  slot.cursor = 16;
  slot.warnings = {"a warning"};
  slot.state = "state";
  saved.slots = {slot, SavedSlot{}};
  return {empty, encode(saved)};
}
