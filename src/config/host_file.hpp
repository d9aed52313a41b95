// Lists of hosts in files (-H @FILE, --save-hosts): one host expression a line; "#" begins a
// comment; empty lines say nothing. A file names no further files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/host_expression.hpp"
#include "core/error.hpp"

namespace bdsh::config {

struct HostFile {
  struct Line {
    std::size_t number = 0;  // from 1
    std::string expression;
  };
  std::string path;
  std::vector<Line> lines;

  // An error in line `number` of it: "hosts.txt:3: …".
  Error error_at(std::size_t number, const std::string& what) const;
  // The hosts of all lines, in order, a host named twice kept twice. Errors name file and line.
  Result<std::vector<Target>> hosts(const HostLookup& lookup) const;
};

// The path that "@FILE" means; nothing when `list` is an expression. A group named like the file
// wins; with a '/' in it, it is always a file.
std::optional<std::string> host_file_path(const std::string& list, const Environment& environment,
                                          const std::function<bool(const std::string&)>& is_group);
// Errors: ErrorKind::usage, naming the path.
Result<HostFile> read_host_file(const std::string& path);
// The same from a text; `path` is what errors call it.
Result<HostFile> parse_host_file(const std::string& path, const std::string& text);

}  // namespace bdsh::config
