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

  // Calls back at once when the files have been read before.
  void load(const KeySource& source, Callback callback);
  // What is known by now; missing when it was never loaded.
  const LoadedKey& get(const KeySource& source) const;
  // The user has no passphrase for it: no host asks again until the user starts one anew.
  void refuse(const std::string& path) { refused_.insert(path); }
  void forget_refusals() { refused_.clear(); }
  bool refused(const std::string& path) const { return refused_.contains(path); }
  // Opens the key at `path`, whatever certificates are used with it. Calls back with the key, or
  // with state encrypted when the passphrase is wrong.
  void unlock(const std::string& path, Secret passphrase, Callback callback);

 private:
  struct Entry {
    LoadedKey key;
    bool loaded = false;
    std::vector<Callback> waiting;
  };

  void read(const KeySource& source, Secret passphrase);
  void finished(const KeySource& source, LoadedKey key);

  Workers& workers_;
  KeyLoader loader_;
  std::map<KeySource, Entry> entries_;
  std::set<std::string> refused_;
};

}  // namespace bdsh::net
