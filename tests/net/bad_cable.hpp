// A network line that loses, delays and reorders packets: two TUN devices (Linux,
// Documentation/networking/tuntap.rst), one here and one in a network namespace of its own, and a
// thread that carries packets between them. Needs root and /dev/net/tun; no module for such faults.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace bdsh::net::test {

class BadCable {
 public:
  struct Faults {
    double lost = 0;  // of all packets, at random
    std::chrono::milliseconds delay{0};
    std::chrono::milliseconds jitter{0};  // more than that, at most: packets overtake each other
  };

  // Null where namespaces or TUN devices cannot be made.
  static std::unique_ptr<BadCable> make(const Faults& faults);
  ~BadCable();
  BadCable(const BadCable&) = delete;
  BadCable& operator=(const BadCable&) = delete;

  const std::string& netns() const { return netns_; }
  std::string far_address() const { return address(2); }
  void plug(bool in) { plugged_ = in; }
  int carried() const { return carried_; }
  int lost() const { return lost_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Packet {
    Clock::time_point due;
    int to;
    std::string bytes;
  };

  explicit BadCable(const Faults& faults);
  bool lay();
  std::string address(int host) const { return network_ + std::to_string(first_ + host); }
  void carry();
  void take(int from, int to);
  void deliver();

  const Faults faults_;
  std::string netns_;
  std::string network_;
  int first_ = 0;
  bool made_ = false;
  int near_ = -1;
  int far_ = -1;
  std::atomic<bool> plugged_ = true;
  std::atomic<bool> ended_ = false;
  std::atomic<int> carried_ = 0;
  std::atomic<int> lost_ = 0;
  std::minstd_rand random_{1};     // the thread's
  std::vector<Packet> under_way_;  // the thread's
  std::thread thread_;
};

}  // namespace bdsh::net::test
