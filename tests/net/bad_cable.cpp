#include "net/bad_cable.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace bdsh::net::test {
namespace {

bool run(const std::string& command) {
  return std::system((command + " 2>/dev/null").c_str()) == 0;
}

// The device lives as long as its descriptor.
int open_tun(const std::string& name) {
  const int fd = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (fd >= 0 && ::ioctl(fd, TUNSETIFF, &request) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

}  // namespace

BadCable::BadCable(const Faults& faults) : faults_(faults) {
  const int number = ::getpid() % 16'384;
  netns_ = "bdsh" + std::to_string(number);
  // A network of its own in the range for measurements (RFC 2544): nobody's, and not that of a test
  // that runs beside this one.
  network_ = "198.18." + std::to_string(number / 64) + ".";
  first_ = number % 64 * 4;
}

std::unique_ptr<BadCable> BadCable::make(const Faults& faults) {
  std::unique_ptr<BadCable> cable(new BadCable(faults));
  if (::getuid() != 0 || !cable->lay()) return {};
  cable->thread_ = std::thread([raw = cable.get()] { raw->carry(); });
  return cable;
}

bool BadCable::lay() {
  const std::string here = netns_ + "n";
  const std::string there = netns_ + "f";
  made_ = run("ip netns add " + netns_);
  near_ = open_tun(here);
  far_ = open_tun(there);
  return made_ && near_ >= 0 && far_ >= 0 && run("ip link set " + there + " netns " + netns_) &&
         run("ip address add " + address(1) + "/30 dev " + here) &&
         run("ip link set " + here + " up") &&
         run("ip -n " + netns_ + " address add " + address(2) + "/30 dev " + there) &&
         run("ip -n " + netns_ + " link set " + there + " up") &&
         run("ip -n " + netns_ + " link set lo up");
}

BadCable::~BadCable() {
  ended_ = true;
  if (thread_.joinable()) thread_.join();
  if (near_ >= 0) ::close(near_);
  if (far_ >= 0) ::close(far_);
  if (made_) run("ip netns delete " + netns_);
}

void BadCable::carry() {
  std::array<pollfd, 2> ends{{{near_, POLLIN, 0}, {far_, POLLIN, 0}}};
  while (!ended_) {
    ::poll(ends.data(), ends.size(), under_way_.empty() ? 20 : 1);
    take(near_, far_);
    take(far_, near_);
    deliver();
  }
}

void BadCable::take(int from, int to) {
  std::array<char, 2048> buffer;
  for (ssize_t n = 0; (n = ::read(from, buffer.data(), buffer.size())) > 0;) {
    const double dice =
        static_cast<double>(random_() - random_.min()) / static_cast<double>(random_.max());
    if (!plugged_ || dice < faults_.lost) {
      ++lost_;
      continue;
    }
    const auto jitter = std::chrono::milliseconds(
        faults_.jitter.count() > 0 ? static_cast<long>(random_()) % faults_.jitter.count() : 0);
    under_way_.push_back(
        {Clock::now() + faults_.delay + jitter, to, {buffer.data(), static_cast<std::size_t>(n)}});
  }
}

void BadCable::deliver() {
  const auto now = Clock::now();
  std::erase_if(under_way_, [&](const Packet& packet) {
    if (packet.due > now) return false;
    if (plugged_ && ::write(packet.to, packet.bytes.data(), packet.bytes.size()) > 0) ++carried_;
    return true;
  });
}

}  // namespace bdsh::net::test
