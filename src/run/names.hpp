// Names on disk: the run's directory and the hosts' folders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bdsh::run {

// A file name made of letters, digits and `._-@+`; other bytes become `_`. Never empty, no leading
// `.` or `-`, no trailing `.`, at most 80 bytes.
std::string safe_name(std::string_view name);

// One folder name per host, in order: safe, different also for a file system that ignores case,
// and none of the run directory's own names (they get a `_` in front). A name that is safe as it
// stands keeps its folder; others that would collide get `-2`, `-3` and so on.
std::vector<std::string> folder_names(const std::vector<std::string>& hosts);

// Whether a folder name read from a file names something directly inside the run directory.
bool plain_folder(std::string_view name);

}  // namespace bdsh::run
