// One function for each group of the help, in its order. The variables of the environment are named last,
// from the flags themselves, so that none can be left out.
#include "app/flags/serve_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <format>

namespace fovea::app {

namespace {

void add_listen_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Server";
  serve.add_option("--host", flags.http.host, "The IP address to listen on")->capture_default_str()->group(group);
  serve.add_option("--port", flags.http.port, "The port; 0 = any that is free")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str()
      ->group(group);
  serve.add_option("--keys", flags.keys, "Who may ask: a TOML file with [tenants.NAME] and keys = [\"HASH\"]")
      ->type_name("FILE")
      ->group(group);
  serve.add_flag("--insecure", flags.insecure, "Let everybody ask who reaches --host")->group(group);
  serve
      .add_option("--tls-cert", flags.tls_cert,
                  "Speak HTTPS with the certificate of this PEM file; behind it may stand those that signed it")
      ->type_name("FILE")
      ->group(group);
  serve.add_option("--tls-key", flags.tls_key, "The certificate's private key, in PEM, not encrypted")
      ->type_name("FILE")
      ->group(group);
  serve
      .add_option("--cors-origins", flags.http.cors_origins,
                  "Let web pages of these origins ask: https://app.example, or * for all")
      ->type_name("ORIGIN")
      ->delimiter(',')
      ->group(group);
}

void add_backend_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Server";
  auto* upstream =
      serve
          .add_option("--upstream", flags.upstream,
                      "Answer from another OpenAI-compatible server (http://host:8000/v1), and store its answers")
          ->type_name("URL")
          ->group(group);
  serve
      .add_option("--upstream-key-env", flags.upstream_key_env,
                  "The variable of the environment that holds its API key")
      ->type_name("NAME")
      ->needs(upstream)
      ->group(group);
  serve
      .add_option("--route-header", flags.route_header,
                  "Send this header with each request for an answer: the same value for the same picture, for a "
                  "balancer in front of several such servers")
      ->type_name("NAME")
      ->needs(upstream)
      ->group(group);
  serve
      .add_option("--modelled", flags.modelled,
                  "Run no model: answer with made-up text, as fast as the machine of this profile would "
                  "(samples/devices, or a file of fovea profile), to try out fleets, balancers and dashboards")
      ->type_name("FILE")
      ->group(group);
  serve
      .add_option("--image-hosts", flags.image_hosts,
                  "Fetch pictures by address from these hosts, if their addresses are public: example.com, "
                  "*.example.com, or * for any")
      ->type_name("HOST")
      ->delimiter(',')
      ->group(group);
  serve.add_option("--alias", flags.alias, "The model's name in replies (default: its file's name)")
      ->type_name("NAME")
      ->group(group);
  serve
      .add_option("--parallel", flags.model.parallel,
                  "Requests that the decoder computes side by side; 1 = each as if alone, to the bit")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->group(group);
}

void add_limit_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Server";
  serve
      .add_option("--max-requests", flags.requests_max,
                  "Requests that are computed or wait for it; more are told to come again")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->group(group);
  serve.add_option("--timeout", flags.timeout_s, "Seconds until a request is given up")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  serve.add_option("--grace", flags.grace_s, "Seconds that requests have to end when the server is asked to stop")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group(group);
  const auto add_size = [&](const char* name, std::string& size, const char* help) {
    serve.add_option(name, size, help)->type_name("SIZE")->capture_default_str()->group(group);
  };
  add_size("--max-body", flags.body_max, "The largest request");
  add_size("--body-memory", flags.body_memory, "The largest sum of all requests' bodies at the same time");
  add_size("--max-picture", flags.picture_max, "The largest picture in one, as a file");
  serve.add_option("--video-frames", flags.video_frames, "The most frames of one video that are looked at")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->group(group);
  add_size("--files-size", flags.files_size, "Memory for uploaded pictures");
  serve.add_option("--files-ttl", flags.files_ttl_s, "Seconds until an uploaded picture is found no more")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  serve
      .add_flag("--store-responses", flags.store_responses,
                "Store the responses of requests that do not say whether to, as OpenAI does")
      ->group(group);
  add_size("--responses-size", flags.responses_size,
           "Memory for responses that clients ask to store; 0 = none is stored");
  serve
      .add_option("--responses-ttl", flags.responses_ttl_s,
                  "Seconds until a stored response that is not continued is found no more")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
}

void add_answer_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Answers, where a request does not say";
  serve
      .add_option("--temperature", flags.generate.temperature,
                  "The randomness of an answer; 0 = always the most likely token. OpenAI's default is 1, and such an "
                  "answer is "
                  "stored only for a request with a seed")
      ->check(CLI::Range(0.0, 5.0))
      ->capture_default_str()
      ->group(group);
  serve.add_option("--max-tokens", flags.generate.max_tokens, "The longest answer, in tokens")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str()
      ->group(group);
  serve
      .add_option(
          "--image-order", flags.image_order,
          "first: a message's pictures are prefilled before its text where they follow all of it, so that other "
          "questions about them have the same prefix; as-sent: where the client put them")
      ->check(CLI::Validator("{as-sent,first}"))
      ->capture_default_str()
      ->group(group);
  serve
      .add_option("--prefetch", flags.prefetch,
                  "on: while nothing is computed, move to memory the pictures that a session is likely to ask about "
                  "next, from --shared or --disk-cache, as far as such predictions came true; off: move them when they "
                  "are asked for. A session is a prompt_cache_key, else a user, else a conversation")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str()
      ->group(group);
}

void add_frame_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Frames of a camera (approximate)";
  serve
      .add_option(
          "--frames", flags.frames,
          "tolerance: answer a frame that differs from an earlier one of its camera by no more than the camera's "
          "noise as if it were that one. This is approximate: a small thing that differs by little more than the "
          "noise is missed, until the next exact frame at the latest, so it is not for reading small text; nothing was "
          "measured with photographs or with models of many tiles. A camera is a prompt_cache_key, one for each; "
          "requests without one are exact. exact: every frame is encoded")
      ->check(CLI::IsMember({"exact", "tolerance"}))
      ->capture_default_str()
      ->group(group);
  serve
      .add_option("--frames-exact-every", flags.frames_exact_every,
                  "With --frames tolerance, of so many frames of a camera one at least is encoded; 1 = all")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->group(group);
  serve
      .add_option("--frames-memory", flags.frames_memory,
                  "With --frames tolerance, memory for what frames are compared with; the camera that was not seen for "
                  "longest is forgotten")
      ->type_name("SIZE")
      ->capture_default_str()
      ->group(group);
}

void add_log_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Logs";
  serve
      .add_flag("--attention", flags.attention,
                "Observe the attention of answers, for the dashboard and policies by importance; one request at a time "
                "is computed then")
      ->group(group);
  serve
      .add_option(
          "--profile", flags.profile,
          "Begin with the times of this file, which fovea profile measured with this model, and not with guesses")
      ->type_name("FILE")
      ->group(group);
  serve
      .add_option("--log", flags.log,
                  "Append the look-ups of each request to this file, for fovea replay: keys and costs, no content")
      ->type_name("FILE")
      ->group(group);
  auto* audit = serve
                    .add_option("--audit", flags.audit,
                                "Record what fovea audit needs of each request into this folder: keyed hashes, sizes "
                                "and times, no content")
                    ->type_name("DIR")
                    ->group(group);
  serve
      .add_option("--audit-size", flags.audit_size,
                  "The largest size of that folder, 1MiB or more; its oldest files are removed")
      ->type_name("SIZE")
      ->needs(audit)
      ->capture_default_str()
      ->group(group);
  serve.add_option("--log-format", flags.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->group(group);
  serve.add_option("--log-level", flags.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str()
      ->group(group);
}

bool is_flag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

// Settings files and the environment give flags a value, and only these words are one.
void check_truths(CLI::App& serve) {
  const auto check = [](std::string& text) {
    bool truth = false;
    return CLI::detail::lexical_cast(text, truth) ? std::string()
                                                  : std::format("\"{}\" is neither true nor false", text);
  };
  for (CLI::Option* option : serve.get_options())
    if (is_flag(*option)) option->check(CLI::Validator(check, ""));
}

// FOVEA_MAX_REQUESTS for --max-requests.
void name_environment_variables(CLI::App& serve) {
  for (CLI::Option* option : serve.get_options()) {
    std::string name = option->get_single_name();
    if (name.empty() || name == "help") continue;
    std::ranges::replace(name, '-', '_');
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    option->envname("FOVEA_" + name);
  }
}

}  // namespace

void add_serve_flags(CLI::App& serve, ServeFlags& flags) {
  add_model_flags(serve, flags.model);
  add_listen_flags(serve, flags);
  add_backend_flags(serve, flags);
  add_limit_flags(serve, flags);
  add_answer_flags(serve, flags);
  add_frame_flags(serve, flags);
  add_cache_flags(serve, flags.cache);
  add_tier_flags(serve, flags.tiers);
  add_log_flags(serve, flags);
  check_truths(serve);
  name_environment_variables(serve);
  serve.add_option("--config", flags.config, "Read flags from this TOML file")->type_name("FILE")->configurable(false);
  serve
      .add_flag("--print-config", flags.print_config,
                "Print the settings in effect, as such a file; those that nobody set are comments")
      ->configurable(false);
  serve.add_flag("--hash-key", flags.hash_key, "Print the hash of the key on standard input, for the file of --keys")
      ->configurable(false);
}

}  // namespace fovea::app
