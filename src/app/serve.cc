// fovea serve: the OpenAI HTTP API in front of a model, or of another server. Flags are in
// app/flags/serve_flags.h, the server in app/server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <print>
#include <string>

#include "app/flags/environment.h"
#include "app/flags/other_backend.h"
#include "app/flags/serve_flags.h"
#include "app/server/run_server.h"
#include "app/server/server_heap.h"
#include "app/server/server_log.h"
#include "app/server/server_settings.h"
#include "app/server/server_signals.h"
#include "app/verbs.h"

namespace fovea::app {

namespace {

constexpr const char* footer =
    "  fovea serve                                            the bundled model, for this machine only\n"
    "  fovea serve -m model.gguf --mmproj mmproj.gguf --port 8000\n"
    "  fovea serve --upstream http://localhost:8000/v1        a cache in front of another server\n"
    "  fovea serve --modelled samples/devices/l4.json         made-up answers, as fast as that machine's\n"
    "  fovea serve --host 0.0.0.0 --keys keys.toml            for others, with API keys\n"
    "              --tls-cert cert.pem --tls-key key.pem      over HTTPS\n"
    "  echo -n KEY | fovea serve --hash-key                   the hash of a key, for keys.toml\n\n"
    "Every flag is also a line of the --config file (port = 8000), and a variable of the environment "
    "(FOVEA_PORT=8000).\n"
    "A flag counts before the environment, and the environment before the file.\n"
    "SIGTERM lets requests end first; SIGHUP reads the keys and the certificate again.\n\n"
    "Exit codes: 0 stopped, 1 failed, 2 wrong usage, 130 stopped at once.";

int failed(const CLI::App& serve, const Error& error) {
  std::println(stderr, "fovea: {}", naming_variables(serve, error.message));
  return error.fault == Fault::invalid ? 2 : 1;
}

int print_hash_of_key() {
  std::string key;
  if (!std::getline(std::cin, key) || key.empty()) {
    std::println(stderr, "fovea: no key on standard input; write  fovea serve --hash-key < FILE");
    return 2;
  }
  std::println("{}", serve::hash_of_key(key));
  return 0;
}

Result<void> run(const ServeFlags& flags) {
  give_memory_back();
  if (auto set_up = set_up_log(flags.log_format, flags.log_level); !set_up) return set_up;
  auto settings = server_settings(flags);
  if (!settings) return std::unexpected(settings.error());
  ServerSignals signals;  // before any thread
  return run_server(flags, std::move(*settings), signals);
}

// What stands at its default is a comment: as a line of a file it would count as given, and may not go with
// another flag that was.
void print_config(const CLI::App& serve) {
  serve.get_config_formatter_base()->commentDefaults();
  std::print("{}", serve.config_to_str(true, true));
}

int answer(const CLI::App& serve, const ServeFlags& flags) {
  if (flags.hash_key) return print_hash_of_key();
  if (auto checked = check_upstream(serve); !checked) return failed(serve, checked.error());
  if (auto checked = check_modelled(serve); !checked) return failed(serve, checked.error());
  if (flags.print_config) {
    print_config(serve);
    return 0;
  }
  const auto served = run(flags);
  return served ? 0 : failed(serve, served.error());
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App& serve = *app.add_subcommand("serve", "Answer over HTTP, as OpenAI's API does");
  serve.footer(footer);
  add_serve_flags(serve, *flags);
  serve.callback([flags, &serve, &exit_code] { exit_code = answer(serve, *flags); });
}

}  // namespace fovea::app
