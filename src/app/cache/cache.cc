// fovea cache: looks into a disk cache or a shared server. Each of its verbs is a file in app/cache.
#include <CLI/CLI.hpp>

#include "app/cache/cache_verbs.h"
#include "app/verbs.h"

namespace fovea::app {

void add_cache(CLI::App& app, int& exit_code) {
  CLI::App& cache =
      *app.add_subcommand("cache", "Look into a disk cache or a shared server, check it, carry it, empty it");
  cache.require_subcommand(1);
  cache.footer(
      "  fovea cache stats                                      what fovea ask keeps on the disk\n"
      "  fovea cache verify --disk-cache /var/cache/fovea\n"
      "  fovea cache purge --image photo.jpg\n"
      "  fovea cache doctor --shared valkey://10.0.0.5 --fleet-key-file fleet.key");
  add_cache_stats(cache, exit_code);
  add_cache_ls(cache, exit_code);
  add_cache_verify(cache, exit_code);
  add_cache_purge(cache, exit_code);
  add_cache_doctor(cache, exit_code);
  add_cache_export(cache, exit_code);
  add_cache_import(cache, exit_code);
}

}  // namespace fovea::app
