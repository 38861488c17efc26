// Two nodes may draw for one tenant at the same time: SET NX lets one win, and both read back what won.
#include "tier/valkey/secret_table.h"

#include <optional>
#include <string>
#include <vector>

#include "tier/valkey/replicated_set.h"

namespace fovea::valkey {

namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string name_of(const Key& tenant) { return std::string("fovea:1:k:").append(text_of(tenant.bytes)); }

std::optional<Secret> secret_in(const Reply& reply) {
  const auto bytes = reply.bytes.bytes();
  if (reply.kind != Reply::Kind::value || bytes.size() != Secret::secret_bytes) return std::nullopt;
  return Secret(bytes.first<Secret::secret_bytes>());
}

}  // namespace

Result<Secret> SecretTable::read_or_draw(const Key& tenant, const WaitLimits& limits) {
  const Until until = Until::of(limits, wait_max);
  const std::string name = name_of(tenant);
  const Command get = command_of(Expect::value, name, {"GET", name});
  const auto read = client_->run(std::span(&get, 1), until);
  if (!read[0]) return std::unexpected(read[0].error());
  if (auto secret = secret_in(*read[0])) return std::move(*secret);

  const Secret drawn = Secret::drawn();
  const std::string_view value = text_of(drawn.bytes());
  // What is there and no secret stands in the way of NX.
  const Command set = read[0]->kind == Reply::Kind::nil ? command_of(Expect::status, name, {"SET", name, value, "NX"})
                                                        : command_of(Expect::status, name, {"SET", name, value});
  const std::vector<Command> draw = {set, get};
  const auto drawing = client_->run(draw, until);
  if (const Error* error = first_error(drawing)) return std::unexpected(*error);
  if (auto secret = secret_in(*drawing[1])) return std::move(*secret);
  return fail(Fault::unavailable, "the shared tier's server keeps nothing: see its maxmemory and its policy");
}

Result<void> SecretTable::destroy(const Key& tenant) {
  const Secret drawn = Secret::drawn();
  return set_with_replicas(*client_, name_of(tenant), text_of(drawn.bytes()), Until::of({}, wait_max));
}

}  // namespace fovea::valkey
