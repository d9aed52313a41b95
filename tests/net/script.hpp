// Hosts without a network: transports that follow a script, a resolver and keys of the test's own.
// A call that is not the next of its script, or comes after its end, fails the test.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/backend.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {

// One connection: lines of "CALL ANSWER", in the order in which the session must make the calls.
//   handshake | open                 done | failed | waits (for the host) | again (bytes to write)
//   probe | try | none | gssapi      accepted | denied | partial | again | failed
//   password SECRET | interactive    … | asks
//   challenge                        echo TEXT | hidden TEXT
//   answers A B …
//   pump                             nothing | out TEXT | exit N | closed | failed
//   write N                          takes at most N bytes
//   eof                              seen in written() as "(eof)"
using Script = std::vector<std::string>;

// Every host is on one listening port of 127.0.0.1, so that its socket is a real one.
class Stage {
 public:
  Stage();
  ~Stage() { hang_up(); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // The scripts of a host's connections, in order.
  void host(const std::string& name, std::vector<Script> connections);
  HostSpec spec(const std::string& name) const;
  Backend backend();

  int connected() const { return connected_; }  // transports now
  int most_connected() const { return most_; }
  const std::string& written(const std::string& name) { return written_[name]; }
  // Every line of every script was played.
  void expect_played() const;
  // Makes the socket of the oldest connection readable.
  void stir();
  // The same of the next `count` connections, each once.
  void stir_next(int count);
  void hang_up();  // closes the other ends of those sockets

  HostKey host_key{"ssh-ed25519", "blob"};
  std::string methods = "publickey,keyboard-interactive,password";  // that every server takes
  Lookup lookup;     // default: 127.0.0.1
  KeyLoader loader;  // default: a usable key

 private:
  friend class ScriptedTransport;
  Listener listener_;
  int peer_ = -1;
  std::vector<int> peers_;
  std::map<std::string, std::deque<Script>> scripts_;
  std::map<std::string, std::string> written_;
  int connected_ = 0;
  int most_ = 0;
  TempDir dir_;
};

LoadedKey scripted_key(LoadedKey::State state);

}  // namespace bdsh::net::test
