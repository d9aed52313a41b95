// The near end of a transfer as a seam: files of this machine (disk.hpp), or a test's own. Errors
// are of ErrorKind::io, without the path. Calls may wait for the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "transfer/packets.hpp"

namespace bdsh::transfer {

// A file that is uploaded.
class LocalSource {
 public:
  virtual ~LocalSource() = default;
  // Fewer bytes than `count` only at the file's end.
  virtual Result<std::string> read(std::uint64_t offset, std::size_t count) = 0;
};
using OpenSource = std::function<Result<std::unique_ptr<LocalSource>>(const std::string& path)>;

// A file that is being made. Under its own name it is there as a whole, or as it was before.
class LocalTarget {
 public:
  virtual ~LocalTarget() = default;  // gone, unless commit() or leave() came first
  // Bytes that an earlier, broken transfer has left; 0 unless that was asked for.
  virtual std::uint64_t present() const = 0;
  virtual Status write(std::uint64_t offset, std::string_view bytes) = 0;
  virtual Result<std::string> read(std::uint64_t offset, std::size_t count) = 0;
  // Gives it its name. Permissions are exactly those given when times are given too, else they are
  // cut by the umask, as any new file's.
  virtual Status commit(const Attributes& attributes) = 0;
  virtual void leave() = 0;  // stays as it is, for a later transfer to go on with
};

// The directory that one host's files go into. Paths are relative to it, of parts that
// local_name() made; nothing outside it is touched, whatever links lie in it.
class LocalTree {
 public:
  virtual ~LocalTree() = default;
  virtual Status make_directory(const std::string& path) = 0;  // no error when it is there
  // `version` tells states of the far file apart: what is left of another one is not continued.
  virtual Result<std::unique_ptr<LocalTarget>> create(const std::string& path, std::uint64_t version,
                                                      bool resume) = 0;
  virtual Status set_directory(const std::string& path, const Attributes& attributes) = 0;  // exactly
};

}  // namespace bdsh::transfer
