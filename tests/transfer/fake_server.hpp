// An SFTP server in memory: it answers requests as OpenSSH's does, unless it is told to misbehave.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "transfer/host_transfer.hpp"
#include "transfer/packets.hpp"
#include "transfer/wire.hpp"

namespace bdsh::transfer::test {

struct FakeFile {
  std::uint32_t permissions = 0100644;
  std::string content{};
  Times times{1, 2};
};

std::string reply(Kind kind, std::uint32_t id, const std::string& rest);  // a whole packet
std::string status(std::uint32_t id, Fx code, const std::string& words = "");
std::string text(std::string_view value);     // as a counted string
std::string number(std::uint32_t value);

class FakeServer {
 public:
  // By path; directories end in nothing: their mode tells. "" is the user's home directory.
  std::map<std::string, FakeFile> files{{"", {040755}}};

  // Misbehaviour.
  std::vector<std::string> extensions{"posix-rename@openssh.com", "fsync@openssh.com",
                                      "statvfs@openssh.com", "limits@openssh.com"};
  std::uint64_t room = UINT64_MAX;         // bytes until the disk is full
  std::uint32_t longest_read = UINT32_MAX;  // more are answered short
  bool backwards = false;                  // answers what came together in the opposite order
  bool spoils_writes = false;              // what is read back differs
  bool answers_nothing = false;
  std::map<std::string, std::vector<Entry>> listed;  // instead of what is there
  std::set<std::string> forbidden;         // to open, with permission denied
  std::uint64_t most_handles = 0;

  std::string take(std::string_view bytes);  // requests in, answers out

  std::vector<std::string> seen;  // "open a", "write a 0 32768", …
  std::size_t most_open = 0;
  std::size_t most_together = 0;  // requests that came in one go
  const std::string& content(const std::string& path) { return files.at(path).content; }
  std::vector<std::string> names() const;  // of all that is there but directories

 private:
  struct Handle {
    std::string path;
    std::size_t listed = 0;
    std::size_t passed = 0;  // requests for entries
  };
  std::string answer(std::string_view packet);
  std::string act(Kind kind, std::uint32_t id, WireReader& in);
  std::string open(std::uint32_t id, WireReader& in);
  std::string read(std::uint32_t id, WireReader& in);
  std::string write(std::uint32_t id, WireReader& in);
  std::string look(std::uint32_t id, const std::string& path);
  std::string list(std::uint32_t id, Handle& handle);
  std::string extended(std::uint32_t id, WireReader& in);
  std::string rename(std::uint32_t id, WireReader& in, bool over);
  void set(const std::string& path, WireReader& in);
  void log(const std::string& what) { seen.push_back(what); }

  std::string waiting_;
  std::map<std::string, Handle> handles_;
  int last_handle_ = 0;
};

// Carries bytes between the two until neither has any; at most `turns`.
void converse(HostTransfer& transfer, FakeServer& server, int turns = 100000);

}  // namespace bdsh::transfer::test
