// known_hosts for a whole fleet: each list of files is read and indexed once, off the loop; keys
// that were accepted are known at once and appended to the user's file off the loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/host_spec.hpp"
#include "net/known_hosts.hpp"
#include "net/workers.hpp"

namespace bdsh::net {

class HostKeyStore {
 public:
  using Ready = std::function<void(Result<const KnownHosts*>)>;

  // `workers` outlives the store.
  explicit HostKeyStore(Workers& workers) : workers_(workers) {}

  // The index of a host's files; calls back at once when they were read before. An unreadable file
  // is an error: without it a changed key would pass as a new one.
  void open(const HostSpec& spec, Ready ready);
  // Remembers an accepted key; `done` reports how writing it down went.
  void accept(const HostSpec& spec, const HostKey& key, std::function<void(Status)> done);

 private:
  using Files = std::vector<std::string>;
  struct Index {
    KnownHosts hosts;
    bool loaded = false;
    std::vector<Ready> waiting;
  };

  static Files files_of(const HostSpec& spec);
  void finished(const Files& files, Result<KnownHosts> hosts);

  Workers& workers_;
  std::map<Files, Index> indexes_;
};

}  // namespace bdsh::net
