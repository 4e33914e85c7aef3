#include "state/model/worker_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace usher {
namespace {

TEST(WorkerThread, ThrowsWhereSomebodyWaitsWhatItsWorkThrew) {
  WorkerThread thread([](const std::stop_token&) { throw std::runtime_error("of the work"); });
  try {
    thread.join();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "of the work");
  }
}

TEST(WorkerThread, DropsWhatNobodyWaitsForAndIsReplaced) {
  std::atomic<int> ran = 0;
  {
    WorkerThread thread([&](const std::stop_token&) {
      ++ran;
      throw 1;
    });
    thread = WorkerThread([&](const std::stop_token&) {
      ++ran;
      throw 2;
    });
  }
  EXPECT_EQ(ran, 2);
}

TEST(WorkerThread, AsksItsWorkToStop) {
  std::atomic<bool> stopped = false;
  {
    const WorkerThread thread([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      stopped = true;
    });
  }
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace usher
