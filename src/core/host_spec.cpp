#include "core/host_spec.hpp"

#include <algorithm>

namespace bdsh {

std::vector<std::string> HostSpec::own_words() const {
  std::vector<std::string> words;
  for (const std::string& word : {name, original, address})
    if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
      words.push_back(word);
  return words;
}

}  // namespace bdsh
