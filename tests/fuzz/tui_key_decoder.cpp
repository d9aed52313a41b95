// Any bytes, in any split, with timeouts anywhere: the decoder ends, loses no byte of what is not
// a paste, and holds no more than a sequence.
#include <cstdlib>
#include <string>
#include <string_view>

#include "tui/key_decoder.hpp"

namespace {

std::string bytes_of(const std::vector<bdsh::Key>& keys) {
  std::string bytes;
  for (const bdsh::Key& key : keys) bytes += key.bytes;
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  bdsh::tui::KeyDecoder decoder;
  for (std::size_t at = 0; at < input.size();) {
    const std::size_t length = 1 + static_cast<unsigned char>(input[at]) % 17U;
    decoder.feed(input.substr(at, length));
    if (length == 13) decoder.timeout();
    at += length;
  }
  for (int i = 0; decoder.pending() && i < 50; ++i) decoder.timeout();
  if (decoder.pending()) std::abort();

  // Whole: every byte stands in exactly one key. Reported keys (CSI u, CSI 27) and the keypad's
  // (SS3) get other bytes.
  const bool rewritten = input.find('u') != std::string_view::npos ||
                         input.find('~') != std::string_view::npos ||
                         input.find("\x1bO") != std::string_view::npos;
  bdsh::tui::KeyDecoder whole;
  std::string seen = bytes_of(whole.feed(input));
  for (int i = 0; whole.pending() && i < 50; ++i) seen += bytes_of(whole.timeout());
  if (!rewritten && seen != input) std::abort();
  return 0;
}
