// ValkeyServer: a real valkey-server in a process of its own, on a free port of the loopback address,
// keeping nothing on disk. Killed when it is destroyed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/scratch_folder.h"

namespace fovea::test {

// Until `holds`, or ten seconds are over. Whether it did.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds within = std::chrono::seconds(10));

std::uint16_t free_port();

// The server at `port` is asked, over a connection of its own by hiredis's blocking interface. An array's
// elements are on lines of their own. "(nothing)" where no reply comes, "(nil)" for nil.
std::string ask_server(std::uint16_t port, const std::vector<std::string>& words, std::string_view password = {});

class ValkeyServer {
 public:
  // With further `settings`, such as {"--maxmemory", "2mb"}. Answers when this returns.
  explicit ValkeyServer(std::vector<std::string> settings = {});
  ~ValkeyServer();
  ValkeyServer(const ValkeyServer&) = delete;
  ValkeyServer& operator=(const ValkeyServer&) = delete;

  void kill();    // as kill -9
  void start();   // again, at the same port, with nothing in it
  void stop();    // it hangs: SIGSTOP
  void resume();  // SIGCONT

  std::uint16_t port() const { return port_; }
  std::string address() const;  // valkey://127.0.0.1:PORT
  std::string ask(const std::vector<std::string>& words) const { return ask_server(port_, words); }

 private:
  const std::vector<std::string> settings_;
  const ScratchFolder folder_ = ScratchFolder::make("fovea-valkey").value();
  const std::uint16_t port_ = free_port();
  pid_t process_ = 0;
};

}  // namespace fovea::test
