// ScriptedServer: a real server in a process of its own (scripted_server.py has its language), which answers
// as each request tells it to, misbehaves on command, and is held up at gates where a test wants it. On the
// loopback address.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "http/http_client.h"

namespace fovea::test {

class ScriptedServer {
 public:
  ScriptedServer();
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url(std::string_view path) const;
  // Of a GET that is answered with these steps, a JSON list.
  std::string url_of(std::string_view steps) const;

  void open(std::string_view gate);
  // Until so many requests of the name have come.
  void wait_for(std::string_view name, int count);
  // Those requests as a JSON list.
  std::string requests(std::string_view name);

 private:
  std::string get(const std::string& path);

  pid_t process_ = 0;
  int port_ = 0;
  HttpClient client_;
};

// The script of a POST whose turns are these, a JSON list of lists of steps.
std::string script(std::string_view name, std::string_view turns);

// `text` as a JSON string.
std::string json_quoted(std::string_view text);

}  // namespace fovea::test
