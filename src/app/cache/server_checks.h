// What is right and wrong with a server that keeps a cache: its settings, by what it says of itself, and the
// way to it. Each rule's reason is in its advice, and in docs/tiers.md. Pure functions.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "app/cache/finding.h"
#include "tier/valkey/server_settings.h"
#include "tier/valkey/wire/address.h"

namespace fovea::app {

std::vector<Finding> check_settings(const valkey::Endpoint& server, const valkey::ServerSettings& settings);
Finding check_speed(const valkey::LinkSpeed& speed);
Finding check_wire(const valkey::Address& address);
// `keys` of the file; whether others than its owner may read it.
Finding check_key_file(const std::filesystem::path& file, std::size_t keys, bool readable_by_others);

}  // namespace fovea::app
