// Names of files: far ones made safe for this machine, near ones for a host, and those of files that
// are not whole yet. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bdsh::transfer {

// What a far name is called here: without control characters (each becomes '_'). Nothing for a name
// that leads elsewhere: empty, ".", "..", or with a '/' or NUL in it; no honest server lists those.
std::optional<std::string> local_name(std::string_view far);

// "a/b" of "a" and "b"; `directory` may be empty (the current one) or "/".
std::string joined_path(std::string_view directory, std::string_view name);
std::string directory_of(std::string_view path);  // "" when there is no '/'; "/" of "/x"
std::string base_name(std::string_view path);     // the last part, trailing slashes left out
std::string without_trailing_slashes(std::string_view path);  // "/" stays

// "~/x" is "x": a server starts in the user's home directory. "~" alone is ".".
std::string far_path(std::string_view typed);

// Where a file is put together: hidden, beside its final name. The same for the same name and
// version, so that --resume finds it; at most 255 bytes.
std::string part_name(std::string_view name, std::uint64_t version);
// A number for a state of a file; `who` keeps hosts that share a disk apart.
std::uint64_t version_of(std::string_view who, std::uint64_t size, std::uint32_t modified);

// Patterns of * ? [a-z] and \ in paths, part by part as sh reads them: no * matches a '/' or a
// leading dot.
bool has_pattern(std::string_view path);
bool matches(const std::string& pattern, const std::string& name);
std::string unescaped(std::string_view part);  // of a part without a pattern
std::vector<std::string> path_parts(std::string_view path);  // of "/a//b": "/", "a", "b"

}  // namespace bdsh::transfer
