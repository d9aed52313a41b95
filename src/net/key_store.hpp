// Private keys, read once for all hosts, off the loop. An encrypted key is opened once, with one
// passphrase for every host that needs it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/secret.hpp"
#include "net/transport.hpp"
#include "net/workers.hpp"

namespace bdsh::net {

class KeyStore {
 public:
  using Callback = std::function<void(const LoadedKey&)>;

  // `workers` outlives the store; `loader` runs on its threads.
  KeyStore(Workers& workers, KeyLoader loader);

  // Calls back at once when the file has been read before.
  void load(const std::string& path, Callback callback);
  // What is known by now; missing when it was never loaded.
  const LoadedKey& get(const std::string& path) const;
  // The user has no passphrase for it: no host asks again until the user starts one anew.
  void refuse(const std::string& path) { refused_.insert(path); }
  void forget_refusals() { refused_.clear(); }
  bool refused(const std::string& path) const { return refused_.contains(path); }
  // Calls back with the key, or with state encrypted when the passphrase is wrong.
  void unlock(const std::string& path, Secret passphrase, Callback callback);

 private:
  struct Entry {
    LoadedKey key;
    bool loaded = false;
    std::vector<Callback> waiting;
  };

  void read(const std::string& path, Secret passphrase);
  void finished(const std::string& path, LoadedKey key);

  Workers& workers_;
  KeyLoader loader_;
  std::map<std::string, Entry> entries_;
  std::set<std::string> refused_;
};

}  // namespace bdsh::net
