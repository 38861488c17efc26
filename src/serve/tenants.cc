// Keys are compared as hashes, all of them and in constant time, so that neither the file of keys nor the
// time of a reply reveals a key. Limits are token buckets, one for requests and one for bytes of each tenant.
#include "serve/tenants.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <toml++/toml.hpp>

#include "base/units.h"
#include "serve/http/message/equal_names.h"

namespace fovea::serve {

namespace {

Key hash_of(std::string_view api_key) { return KeyBuilder("fovea/api-key/1").field(api_key).finish(); }

// Takes the same time wherever the first difference is, so that it does not reveal how much of a key is
// right.
bool equal_in_constant_time(const Key& a, const Key& b) {
  std::byte difference{0};
  for (std::size_t i = 0; i < a.bytes.size(); ++i) difference |= a.bytes[i] ^ b.bytes[i];
  return difference == std::byte{0};
}

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  return equal_names(authorization.substr(0, scheme.size()), scheme) ? authorization.substr(scheme.size())
                                                                     : std::string_view();
}

template <typename Request>
std::string_view key_of(const Request& request) {
  if (const std::string_view key = bearer(request.header("authorization")); !key.empty()) return key;
  if (const std::string_view key = request.header("x-api-key"); !key.empty()) return key;
  return request.header("api-key");
}

std::unexpected<Error> wrong(const std::filesystem::path& file, const toml::node& at, std::string_view what) {
  return fail(Fault::invalid, std::format("{}, line {}: {}", file.string(), at.source().begin.line, what));
}

// A limit that is a whole number, or a size such as "64MiB".
Result<std::uint64_t> limit_of(const std::filesystem::path& file, const toml::node& value) {
  if (const auto* number = value.as_integer(); number != nullptr && number->get() >= 0)
    return static_cast<std::uint64_t>(number->get());
  if (const auto* text = value.as_string()) {
    if (auto bytes = parse_bytes(text->get())) return bytes;
  }
  return wrong(file, value, "a limit is a whole number, or a size such as \"64MiB\"");
}

Result<Tenant> tenant_of(const std::filesystem::path& file, std::string_view name, const toml::table& table) {
  Tenant tenant{.name = std::string(name)};
  for (const auto& [field, value] : table) {
    if (field == "keys") continue;
    if (field == "admin" && value.is_boolean()) {
      tenant.admin = value.as_boolean()->get();
      continue;
    }
    if (field == "group" && value.is_string() && !value.as_string()->get().empty()) {
      tenant.group = value.as_string()->get();
      continue;
    }
    if (field != "requests_per_minute" && field != "bytes_per_minute")
      return wrong(file, value,
                   std::format("a tenant has keys, requests_per_minute, bytes_per_minute, group and admin, no \"{}\"",
                               field.str()));
    auto limit = limit_of(file, value);
    if (!limit) return std::unexpected(limit.error());
    (field == "requests_per_minute" ? tenant.limits.requests_per_minute : tenant.limits.bytes_per_minute) = *limit;
  }
  return tenant;
}

// Sums of fractions err in their last digits: so short a wait counts as none.
constexpr double rounding_s = 1e-6;

// The allowance that was `left`, after `passed_ms` more: at most one minute's worth.
double refilled(double left, std::uint64_t per_minute, double passed_ms) {
  const auto full = static_cast<double>(per_minute);
  return std::min(full, left + passed_ms * full / 60'000);
}

// Seconds until `wanted` may be taken. More than a minute's worth needs a full allowance; what is left is
// then below zero, and the next request waits so much longer.
double wait_s(double left, std::uint64_t per_minute, double wanted) {
  if (per_minute == 0) return 0;
  const auto full = static_cast<double>(per_minute);
  return std::max(0.0, (std::min(wanted, full) - left) * 60 / full);
}

// 429 for the limit that takes longest to refill.
Refusal over_limit(const TenantLimits& limits, double requests_wait_s, double bytes_wait_s) {
  const bool requests = requests_wait_s >= bytes_wait_s;
  const double whole_s = std::ceil(std::max(requests_wait_s, bytes_wait_s) - rounding_s);
  const std::string limit =
      requests ? std::format("{} requests", limits.requests_per_minute) : format_bytes(limits.bytes_per_minute);
  return {429,
          std::format("over this key's limit of {} a minute: ask again in {:.0f} s", limit, whole_s),
          {},
          "rate_limit_exceeded",
          static_cast<std::uint32_t>(whole_s)};
}

}  // namespace

std::string hash_of_key(std::string_view api_key) { return hash_of(api_key).hex(); }

Tenants::Tenants() : entries_{{Key{}, std::make_shared<const Tenant>(Tenant{.admin = true})}} {}

Result<std::unique_ptr<Tenants>> Tenants::open(const std::filesystem::path& file) {
  std::unique_ptr<Tenants> tenants(new Tenants(file));
  if (auto read = tenants->reload(); !read) return std::unexpected(read.error());
  return tenants;
}

Result<void> Tenants::reload() {
  if (file_.empty()) return {};
  auto entries = read(file_);
  if (!entries) return std::unexpected(entries.error());
  MutexLock lock(mutex_);
  entries_ = std::move(*entries);
  allowances_.clear();  // tenants and their limits may have changed
  return {};
}

Result<std::vector<Tenants::Entry>> Tenants::read(const std::filesystem::path& file) try {
  const toml::table all = toml::parse_file(file.string());
  const toml::table* tenants = all["tenants"].as_table();
  if (tenants == nullptr || tenants->empty())
    return fail(Fault::invalid,
                std::format("{}: no tenants; write [tenants.NAME] and keys = [\"HASH\"]", file.string()));
  std::vector<Entry> entries;
  for (const auto& [name, value] : *tenants) {
    const toml::table* table = value.as_table();
    if (table == nullptr || name.empty()) return wrong(file, value, "a tenant is a table: [tenants.NAME]");
    auto tenant = tenant_of(file, name.str(), *table);
    if (!tenant) return std::unexpected(tenant.error());
    const auto shared = std::make_shared<const Tenant>(std::move(*tenant));
    const toml::array* keys = (*table)["keys"].as_array();
    if (keys == nullptr || keys->empty()) return wrong(file, value, "a tenant needs keys = [\"HASH\", ...]");
    for (const toml::node& key : *keys) {
      const auto hash = key.is_string() ? Key::from_hex(key.as_string()->get()) : std::nullopt;
      if (!hash) return wrong(file, key, "a key's hash is 64 hexadecimal digits: fovea serve --hash-key makes it");
      if (std::ranges::contains(entries, *hash, &Entry::key_hash)) return wrong(file, key, "this key is listed twice");
      entries.push_back({*hash, shared});
    }
  }
  return entries;
} catch (const toml::parse_error& error) {
  if (!std::filesystem::exists(file)) return fail(Fault::not_found, file.string() + ": there is no such file of keys");
  return fail(Fault::invalid,
              std::format("{}, line {}: {}", file.string(), error.source().begin.line, error.description()));
}

std::string_view api_key_of(const Exchange& exchange) { return key_of(exchange); }
std::string_view api_key_of(const RequestHead& head) { return key_of(head); }

Parsed<std::shared_ptr<const Tenant>> Tenants::find(std::string_view api_key) const {
  if (file_.empty()) {
    MutexLock lock(mutex_);
    return entries_.front().tenant;
  }
  const Key hash = hash_of(api_key);
  std::shared_ptr<const Tenant> found;
  MutexLock lock(mutex_);
  for (const Entry& entry : entries_) {
    if (equal_in_constant_time(entry.key_hash, hash) && !api_key.empty()) found = entry.tenant;
  }
  if (found) return found;
  return std::unexpected(Refusal{401,
                                 api_key.empty()
                                     ? "no API key: send it as  Authorization: Bearer KEY  or  X-Api-Key: KEY"
                                     : "this API key is not known here",
                                 {},
                                 "invalid_api_key"});
}

Parsed<std::shared_ptr<const Tenant>> Tenants::named(std::string_view name) const {
  MutexLock lock(mutex_);
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.tenant->name == name; });
  if (found != entries_.end()) return found->tenant;
  return std::unexpected(Refusal{404, std::format("there is no tenant \"{}\"", name), "tenant", "tenant_not_found"});
}

std::vector<std::string> Tenants::names() const {
  std::vector<std::string> names;
  {
    MutexLock lock(mutex_);
    for (const Entry& entry : entries_) names.push_back(entry.tenant->name);
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

Parsed<void> Tenants::admit(const Tenant& tenant, std::uint64_t bytes, const Clock& clock) {
  const TenantLimits& limits = tenant.limits;
  if (limits.requests_per_minute == 0 && limits.bytes_per_minute == 0) return {};
  const double now_ms = clock.now_ms();
  MutexLock lock(mutex_);
  const auto [it, is_new] = allowances_.try_emplace(tenant.name);
  Allowance& allowance = it->second;
  if (is_new)
    allowance = {static_cast<double>(limits.requests_per_minute), static_cast<double>(limits.bytes_per_minute), now_ms};
  const double passed_ms = now_ms - allowance.at_ms;
  const double requests = refilled(allowance.requests, limits.requests_per_minute, passed_ms);
  const double bytes_left = refilled(allowance.bytes, limits.bytes_per_minute, passed_ms);
  const double requests_wait_s = wait_s(requests, limits.requests_per_minute, 1);
  const double bytes_wait_s = wait_s(bytes_left, limits.bytes_per_minute, static_cast<double>(bytes));
  if (std::max(requests_wait_s, bytes_wait_s) > rounding_s)
    return std::unexpected(over_limit(limits, requests_wait_s, bytes_wait_s));
  // Only now: if refused requests were counted, asking again at the given time would be refused too.
  allowance = {requests - 1, bytes_left - static_cast<double>(bytes), now_ms};
  return {};
}

}  // namespace fovea::serve
