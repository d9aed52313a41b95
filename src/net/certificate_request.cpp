#include "net/certificate_request.hpp"

#include <utility>

#include "core/text.hpp"
#include "net/digest.hpp"
#include "net/wire.hpp"

namespace bdsh::net {
namespace {

// RFC 4250 §4.1.2, and those of the key exchange in RFC 4253 §8 and RFC 5656 §4, which are equal.
constexpr char kDisconnect = 1;
constexpr char kIgnore = 2;
constexpr char kUnimplemented = 3;
constexpr char kDebug = 4;
constexpr char kExchangeInit = 20;
constexpr char kExchangeBegin = 30;
constexpr char kExchangeReply = 31;

constexpr std::size_t kMostPacket = 35'000;  // RFC 4253 §6.1
constexpr std::size_t kMostReceived = 128 * 1024;
constexpr std::size_t kBlock = 8;
constexpr std::size_t kLeastPadding = 4;

constexpr std::string_view kExchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group14-"
    "sha256,"
    "diffie-hellman-group16-sha512,diffie-hellman-group14-sha1";
// Never used: both sides must only find one in common.
constexpr std::string_view kCiphers =
    "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-"
    "ctr,"
    "aes256-ctr,aes128-cbc,aes256-cbc,3des-cbc";
constexpr std::string_view kMacs =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,umac-128-etm@openssh.com,hmac-"
    "sha2-256,"
    "hmac-sha2-512,umac-128@openssh.com,hmac-sha1";
constexpr std::string_view kCompressions = "none,zlib@openssh.com,zlib";

std::string offer(std::string_view algorithms) {
  std::string text = kExchangeInit + random_bytes(16);
  const std::string_view lists[] = {kExchanges, algorithms,    kCiphers,      kCiphers, kMacs,
                                    kMacs,      kCompressions, kCompressions, "",       ""};
  for (const std::string_view list : lists) text += ssh_string(list);
  return text + std::string(5, '\0');  // no guess follows; reserved
}

// P-256's base point (SEC 2 §2.4.2), uncompressed: a public value that every server accepts. Its
// secret is 1, and nothing is derived from it.
constexpr std::string_view kBasePoint(
    "\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb"
    "\x33"
    "\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f"
    "\x9e"
    "\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5",
    65);

// Below the prime, whose first 64 bits are ones, and as an mpint positive.
std::string group_element(std::size_t bytes) {
  std::string number = random_bytes(bytes);
  number.front() = static_cast<char>((static_cast<unsigned char>(number.front()) & 0x3FU) | 0x40U);
  return number;
}

std::string public_value(std::string_view exchange) {
  if (exchange.starts_with("curve25519")) return random_bytes(32);
  if (exchange.starts_with("ecdh")) return std::string(kBasePoint);
  return group_element(exchange.find("group16") != std::string_view::npos ? 512 : 256);
}

}  // namespace

CertificateRequest::CertificateRequest(std::string algorithms)
    : algorithms_(std::move(algorithms)), out_("SSH-2.0-bdsh-tui\r\n") {
  send(offer(algorithms_));
}

void CertificateRequest::send(std::string_view payload) {
  const std::size_t unpadded = 4 + 1 + payload.size();
  std::size_t padding = kBlock - unpadded % kBlock;
  if (padding < kLeastPadding) padding += kBlock;
  out_ += ssh_number(1 + payload.size() + padding);
  out_ += static_cast<char>(padding);
  out_.append(payload).append(padding, '\0');
}

std::string CertificateRequest::take_output() {
  return std::exchange(out_, {});
}

void CertificateRequest::refuse(std::string why) {
  state_ = State::refused;
  why_ = std::move(why);
}

void CertificateRequest::feed(std::string_view bytes) {
  if (state_ != State::asking) return;
  received_ += bytes.size();
  if (received_ > kMostReceived) return refuse("it says too much before the key exchange");
  in_ += bytes;
  while (state_ == State::asking && (greeted_ ? take_packet() : take_version_line())) {
  }
}

// Other lines may come first (RFC 4253 §4.2).
bool CertificateRequest::take_version_line() {
  const std::size_t end = in_.find('\n');
  if (end == std::string::npos) return false;
  const bool version = in_.starts_with("SSH-");
  if (version && !in_.starts_with("SSH-2.0-") && !in_.starts_with("SSH-1.99-"))
    refuse("it does not speak SSH 2");
  greeted_ = version;
  in_.erase(0, end + 1);
  return true;
}

bool CertificateRequest::take_packet() {
  std::string_view rest = in_;
  std::uint32_t length = 0;
  std::uint8_t padding = 0;
  if (!take_number(rest, length)) return false;
  if (length > kMostPacket || length < 1 + kLeastPadding)
    return refuse("a packet is broken"), false;
  if (rest.size() < length) return false;
  rest = rest.substr(0, length);
  take_byte(rest, padding);
  if (padding >= rest.size()) return refuse("a packet is broken"), false;
  packet(rest.substr(0, rest.size() - padding));
  in_.erase(0, 4 + std::size_t{length});
  return true;
}

void CertificateRequest::packet(std::string_view payload) {
  const char kind = payload.front();
  payload.remove_prefix(1);
  if (kind == kIgnore || kind == kDebug || kind == kUnimplemented) return;
  if (kind == kDisconnect) return disconnected(payload);
  if (kind == kExchangeInit && !begun_) return offered(payload);
  std::string_view key;
  if (kind != kExchangeReply || !begun_ || !take_string(payload, key))
    return refuse("its key exchange is broken");
  certificate_ = key;
  state_ = State::answered;
}

void CertificateRequest::offered(std::string_view payload) {
  constexpr std::size_t kCookie = 16;
  std::string_view exchanges;
  std::string_view keys;
  if (payload.size() < kCookie) return refuse("its key exchange is broken");
  payload.remove_prefix(kCookie);
  if (!take_string(payload, exchanges) || !take_string(payload, keys))
    return refuse("its key exchange is broken");
  const std::string_view exchange = first_common_name(kExchanges, exchanges);
  if (first_common_name(algorithms_, keys).empty())
    return refuse("it has none (" + sanitised(keys, 256) + ")");
  if (exchange.empty()) return refuse("no common key exchange (" + sanitised(exchanges, 256) + ")");
  begun_ = true;
  send(kExchangeBegin + ssh_string(public_value(exchange)));
}

void CertificateRequest::disconnected(std::string_view payload) {
  std::uint32_t code = 0;
  std::string_view words;
  const bool said = take_number(payload, code) && take_string(payload, words) && !words.empty();
  refuse(said ? "it hung up: " + sanitised(words, 256) : "it hung up");
}

}  // namespace bdsh::net
