#include "report/asciicast.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/text.hpp"

namespace bdsh::report {
namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// How many bytes at the end are the beginning of a character that may still be completed.
std::size_t cut_bytes(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

Asciicast::Asciicast(Size size, std::chrono::system_clock::time_point started,
                     const std::string& title) {
  const auto epoch = std::chrono::duration_cast<std::chrono::seconds>(started.time_since_epoch());
  out_ = line_of({{"version", 2},
                  {"width", size.cols.value},
                  {"height", size.rows.value},
                  {"timestamp", epoch.count()},
                  {"title", sanitised(title)}});
}

void Asciicast::event(std::chrono::microseconds at, const char* kind, const std::string& data) {
  last_ = std::max(last_, at);
  std::array<char, 48> time{};
  std::snprintf(time.data(), time.size(), "[%lld.%06lld, \"%s\", ",
                static_cast<long long>(last_.count() / 1'000'000),
                static_cast<long long>(last_.count() % 1'000'000), kind);
  std::string text = line_of(Json(data));
  text.pop_back();
  out_ += time.data() + text + "]\n";
}

void Asciicast::output(std::chrono::microseconds at, std::string_view bytes) {
  std::string text = rest_ + std::string(bytes);
  const std::size_t cut = cut_bytes(text);
  rest_ = text.substr(text.size() - cut);
  text.resize(text.size() - cut);
  if (!text.empty()) event(at, "o", text);
}

void Asciicast::resized(std::chrono::microseconds at, Size size) {
  event(at, "r", std::to_string(size.cols.value) + "x" + std::to_string(size.rows.value));
}

std::string Asciicast::take() {
  if (!rest_.empty()) event(last_, "o", std::exchange(rest_, {}));
  return std::move(out_);
}

}  // namespace bdsh::report
