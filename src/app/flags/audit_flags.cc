// Sizes and prices stay text until they are read here, so that a wrong one is reported like any other wrong
// value.
#include "app/flags/audit_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <format>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "app/bundled.h"
#include "app/flags/cache_flags.h"
#include "audit/price_table.h"
#include "base/units.h"
#include "profile/profile_file.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t sizes_max = 12;  // each is a replay of the whole log
constexpr double price_max = 1e6;

Result<std::vector<std::uint64_t>> sizes_of(const char* flag, const std::vector<std::string>& texts) {
  if (texts.size() > sizes_max) return fail(Fault::invalid, std::format("{}: more than {} sizes", flag, sizes_max));
  std::vector<std::uint64_t> sizes;
  for (const std::string& text : texts) {
    const auto bytes = parse_bytes(text);
    if (!bytes) return fail(Fault::invalid, std::format("{}: {}", flag, bytes.error().message));
    if (*bytes == 0) return fail(Fault::invalid, std::format("{}: a size of 0 stores nothing", flag));
    sizes.push_back(*bytes);
  }
  return sizes;
}

std::string names_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) names.insert(entry.path().stem().string());
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

Result<Profile> profile_of(const std::string& name) {
  if (name.contains('/') || name.ends_with(".json")) return read_profile(name);
  const auto samples = bundled_samples();
  if (!samples) return std::unexpected(samples.error());
  const fs::path folder = *samples / "devices", file = folder / (name + ".json");
  if (std::error_code ignored; fs::exists(file, ignored)) return read_profile(file);
  return fail(Fault::not_found,
              std::format("no profile '{}': there are {}, or name a file of fovea profile, such as ./mine.json", name,
                          names_in(folder)));
}

// Puts the model whose times count first.
Result<void> choose_model(Profile& profile, const std::string& name) {
  const auto chosen = name.empty() ? std::ranges::max_element(profile.models, {}, &ModelTimes::parameters)
                                   : std::ranges::find(profile.models, name, &ModelTimes::name);
  if (chosen == profile.models.end()) {
    std::string names;
    for (const ModelTimes& model : profile.models) names += (names.empty() ? "" : ", ") + model.name;
    return fail(Fault::invalid, std::format("--model: the profile has no model '{}', but {}", name, names));
  }
  std::rotate(profile.models.begin(), chosen, chosen + 1);
  return {};
}

std::optional<double> price_of_text(std::string_view text) {
  double price = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), price);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && price >= 0 && price <= price_max ? std::optional(price) : std::nullopt;
}

Result<AuditPrices> prices_of(const AuditFlags& flags) {
  AuditPrices prices;
  const std::string& text = flags.price_tokens;
  if (const auto table = price_of(text); !text.empty() && table) {
    prices = *table;
  } else if (!text.empty()) {
    const std::size_t comma = text.find(',');
    const auto prompt = price_of_text(std::string_view(text).substr(0, comma));
    const auto answer = comma == std::string::npos ? prompt : price_of_text(std::string_view(text).substr(comma + 1));
    if (!prompt || !answer)
      return fail(Fault::invalid,
                  std::format("--price-tokens {}: write the prices of a million tokens of prompts and of answers, such "
                              "as 2.5,10, or one of {}",
                              text, price_names()));
    prices.per_million_prompt_tokens = prompt;
    prices.per_million_answer_tokens = answer;
  }
  if (flags.price_hour >= 0) prices.per_hour = flags.price_hour;
  if (!flags.currency.empty()) prices.currency = flags.currency;
  return prices;
}

void add_reading_flags(CLI::App& audit, AuditFlags& flags) {
  audit
      .add_option("LOG", flags.logs,
                  "Files of requests, in the order of their times; a folder that fovea serve --audit wrote, or one of "
                  "pictures with a CSV of questions; - for standard input")
      ->required()
      ->type_name("")
      ->option_text("");
  std::string formats = "{auto, " + std::string(log_formats) + "}";
  std::erase(formats, ' ');
  audit.add_option("--format", flags.format, "The format of the logs; auto = recognise it")
      ->check(CLI::Validator(formats))
      ->type_name("NAME")
      ->capture_default_str();
  audit.add_option("--pictures", flags.pictures, "The folder of pictures that a log names by their paths")
      ->type_name("DIR");
  audit.add_flag("--no-decode", flags.no_decode,
                 "Compare pictures by their files alone: faster, but a copy in another file is not noticed");
}

void add_machine_flags(CLI::App& audit, AuditFlags& flags) {
  constexpr const char* group = "What would be saved";
  audit
      .add_option(
          "--profile", flags.profile,
          "Whose times are saved: one of samples/devices (l4, h100, t4, apple-m-class, jetson-orin, 2-core-cpu), "
          "or a file of fovea profile")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  audit.add_option("--model", flags.model, "Which of the profile's models (default: the largest)")
      ->type_name("NAME")
      ->group(group);
  audit
      .add_option("--cache", flags.cache, "Sizes of memory to try, such as 1GiB,8GiB (default: parts of what there is)")
      ->type_name("SIZE")
      ->delimiter(',')
      ->group(group);
  audit.add_option("--disk", flags.disk, "Sizes of a disk behind the smallest of these memories")
      ->type_name("SIZE")
      ->delimiter(',')
      ->group(group);
  audit
      .add_option("--nodes", flags.nodes,
                  "Servers that share the load, each with its own memory, without and with a shared tier")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  audit.add_option("--policy", flags.policy, "The policy that chooses the entry to evict from a full cache")
      ->check(CLI::Validator(policy_choices()))
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
  audit.add_flag("--per-client", flags.per_client, "Clients share nothing, as tenants of fovea serve do not")
      ->group(group);
}

void add_price_flags(CLI::App& audit, AuditFlags& flags) {
  constexpr const char* group = "Prices";
  audit.add_option("--price-hour", flags.price_hour, "The price of an hour of the machine")
      ->check(CLI::Range(0.0, price_max))
      ->type_name("PRICE")
      ->group(group);
  audit
      .add_option("--price-tokens", flags.price_tokens,
                  "The prices of a million tokens of prompts and of answers, such as 2.5,10; or a name of the table in "
                  "docs/audit.md")
      ->type_name("IN,OUT")
      ->group(group);
  audit.add_option("--currency", flags.currency, "What prices are in (default: USD)")->type_name("NAME")->group(group);
}

}  // namespace

void add_audit_flags(CLI::App& audit, AuditFlags& flags) {
  add_reading_flags(audit, flags);
  add_machine_flags(audit, flags);
  add_price_flags(audit, flags);
  audit.add_flag("--json", flags.json, "Print one JSON document")->group("Output");
  audit
      .add_option("--report", flags.report, "Write a page with tables and figures, and results.json, into this folder")
      ->type_name("DIR")
      ->group("Output");
}

Result<LogOptions> log_options(const AuditFlags& flags) {
  LogOptions options{.pictures = flags.pictures, .decode = !flags.no_decode};
  if (flags.format != "auto") {
    options.format = log_format(flags.format);
    if (!options.format)
      return fail(Fault::invalid, std::format("--format {}: there are auto, {}", flags.format, log_formats));
  }
  std::error_code ignored;
  if (!flags.pictures.empty() && !fs::is_directory(flags.pictures, ignored))
    return fail(Fault::invalid, std::format("--pictures {}: this is no folder", flags.pictures));
  return options;
}

Result<AuditSettings> audit_settings(const AuditFlags& flags) {
  auto profile = profile_of(flags.profile);
  if (!profile) return fail(profile.error().fault, "--profile: " + profile.error().message);
  if (auto chosen = choose_model(*profile, flags.model); !chosen) return std::unexpected(chosen.error());
  const auto policy = policy_kind_of(flags.policy);
  if (!policy) return fail(policy.error().fault, "--policy: " + policy.error().message);
  auto memory = sizes_of("--cache", flags.cache);
  if (!memory) return std::unexpected(memory.error());
  auto disk = sizes_of("--disk", flags.disk);
  if (!disk) return std::unexpected(disk.error());
  auto prices = prices_of(flags);
  if (!prices) return std::unexpected(prices.error());
  return AuditSettings{.profile = std::move(*profile),
                       .profile_name = flags.profile,
                       .policy = *policy,
                       .memory_bytes = std::move(*memory),
                       .disk_bytes = std::move(*disk),
                       .nodes = flags.nodes,
                       .per_client = flags.per_client,
                       .prices = std::move(*prices)};
}

}  // namespace fovea::app
