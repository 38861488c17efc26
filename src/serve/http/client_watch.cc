#include "serve/http/client_watch.h"

#include <trantor/net/TcpConnection.h>

#include <vector>

namespace fovea::serve {

ClientWatch::Handle ClientWatch::add(const std::weak_ptr<trantor::TcpConnection>& connection) {
  MutexLock lock(mutex_);
  return clients_.insert(clients_.end(), {connection, {}});
}

void ClientWatch::remove(Handle handle) {
  MutexLock lock(mutex_);
  clients_.erase(handle);
}

bool ClientWatch::empty() const {
  MutexLock lock(mutex_);
  return clients_.empty();
}

void ClientWatch::poll() {
  stop_if([](const Client& client) {
    const auto connection = client.connection.lock();
    return !connection || !connection->connected();
  });
}

void ClientWatch::stop_all() {
  stop_if([](const Client&) { return true; });
}

template <typename Wanted>
void ClientWatch::stop_if(const Wanted& wanted) {
  std::vector<std::stop_source> stopped;
  {
    MutexLock lock(mutex_);
    for (const Client& client : clients_) {
      if (wanted(client)) stopped.push_back(client.gone);
    }
  }
  for (std::stop_source& source : stopped) source.request_stop();
}

}  // namespace fovea::serve
