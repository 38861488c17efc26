// ClientWatch: the clients whose requests are handled or wait for a thread, so that a handler learns when its
// client has left.
//
// Drogon does not report a lost connection until it has something to send, and a handler may compute for a
// minute before that. So the server's timer calls poll(), which asks every watched connection: a few for each
// connection at most. Thread-safe. Holds connections weakly: watching one does not keep it open.
#pragma once

#include <list>
#include <memory>
#include <stop_token>

#include "base/mutex.h"

namespace trantor {
class TcpConnection;
}

namespace fovea::serve {

class ClientWatch {
 public:
  struct Client {
    std::weak_ptr<trantor::TcpConnection> connection;
    std::stop_source gone;
  };
  using Handle = std::list<Client>::iterator;

  // Watches a client until remove(). `gone` is requested once its connection is closed.
  Handle add(const std::weak_ptr<trantor::TcpConnection>& connection);
  void remove(Handle handle);
  bool empty() const;

  // Requests a stop for each client that has left. Stop callbacks run on the calling thread, without the
  // lock.
  void poll();
  // The same for all clients: the server shuts down.
  void stop_all();

 private:
  template <typename Wanted>
  void stop_if(const Wanted& wanted);

  mutable Mutex mutex_;
  std::list<Client> clients_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea::serve
