// known_hosts files as an index that is read once: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Pure,
// but for read_file and append at the end.
//
// Plain names are found by a map; hashed names (HashKnownHosts, Debian's default) and patterns by
// one walk over their lists: one HMAC-SHA1 per distinct salt.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.hpp"
#include "core/host_status.hpp"
#include "net/digest.hpp"

namespace bdsh::net {

struct HostKey {
  std::string type;  // "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", …
  std::string blob;  // the public key in wire form
  std::string describe() const;  // "ssh-ed25519 SHA256:…"
  friend bool operator==(const HostKey&, const HostKey&) = default;
};
// The type that a public key in wire form begins with (RFC 4253 §6.6); empty when it is none.
std::string_view key_type(std::string_view blob);
// The words of describe() of any such key; empty when it is none.
std::string describe_key(std::string_view blob);

struct KnownKey {
  HostKey key;
  std::string file;
  int line = 0;
  std::string where() const { return file + ":" + std::to_string(line); }
};

struct KeyCheck {
  HostKeyVerdict verdict = HostKeyVerdict::unknown;
  // changed: the keys known for the host; revoked: the line that revokes it.
  std::vector<KnownKey> known;
};

class KnownHosts {
 public:
  // Adds a file's text. Lines that are not understood are skipped and counted, as ssh does.
  void add(const std::string& file, std::string_view text);
  void add_key(const std::string& pattern, HostKey key, const std::string& file, int line);

  // `name` is what host_name() returns.
  KeyCheck check(const std::string& name, const HostKey& offered) const;
  // Types of the keys known for a host, without repetition, in file order.
  std::vector<std::string> known_types(const std::string& name) const;
  // The keys that may certify the host's (`@cert-authority`).
  std::vector<KnownKey> authorities(const std::string& name) const;
  std::size_t size() const { return entries_.size(); }
  int skipped() const { return skipped_; }

 private:
  enum class Mark : std::uint8_t { none, revoked, authority };
  struct Entry {
    KnownKey known;
    Mark mark = Mark::none;
  };
  struct Hashed {
    HmacSha1 salted;
    std::array<unsigned char, 20> hash;
    std::size_t entry;
  };
  struct Patterns {
    std::string list;  // with wildcards or negation: "*.example.org,!bad.example.org"
    std::size_t entry;
  };

  bool add_line(const std::string& file, int number, std::string_view line);
  bool index_names(std::string_view names, std::size_t entry);
  std::vector<std::size_t> search(const std::string& name) const;
  const std::vector<std::size_t>& matching(const std::string& name) const;

  std::vector<Entry> entries_;
  std::unordered_multimap<std::string, std::size_t> plain_;
  std::vector<Hashed> hashed_;
  std::vector<Patterns> patterns_;
  // A host is looked up several times on its way in, and a walk over 10,000 hashed names takes long.
  mutable std::unordered_map<std::string, std::vector<std::size_t>> found_;
  int skipped_ = 0;
  bool has_authorities_ = false;
};

// The name under which a host's keys are kept: "web01", or "[web01]:2222" off port 22; lower case.
std::string host_name(const std::string& host, std::uint16_t port);
// One line for a new key, with its line end; `hashed` as HashKnownHosts does.
std::string known_hosts_line(const std::string& name, const HostKey& key, bool hashed);
// Whether a host name matches a comma-separated list of patterns with *, ? and !.
bool matches_patterns(std::string_view list, std::string_view name);

// Both block on the disk. A missing file reads as empty.
Result<std::string> read_file(const std::string& path);
// Appends whole lines in one write, under 0600 when the file is new; its folder is made (0700).
// A file that does not end in a line end gets one first.
Status append_lines(const std::string& path, std::string_view lines);

}  // namespace bdsh::net
