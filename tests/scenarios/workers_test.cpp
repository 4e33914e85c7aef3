#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "tests/support/world.hpp"

namespace usher::test {
namespace {

constexpr int at_a_time = 4;  // what the recipe's budget allows

/// A platform on loopback that lets nobody in before so many stand at the door, or nobody came for long.
class Gatherer {
 public:
  Gatherer() {
    server_.new_task_queue = [] { return new httplib::ThreadPool(16); };
    server_.Get("/users", [](const httplib::Request&, httplib::Response& reply) {
      reply.set_content("[]", "application/json");
    });
    server_.Post("/users", [this](const httplib::Request&, httplib::Response& reply) {
      reply.status = 201;
      reply.set_content("{\"id\": \"u" + std::to_string(arrive()) + "\"}", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~Gatherer() {
    server_.stop();
    thread_.join();
  }
  Gatherer(const Gatherer&) = delete;
  Gatherer& operator=(const Gatherer&) = delete;

  int port() const { return port_; }
  int most() const { return most_; }
  int arrived() const { return arrived_; }

 private:
  int arrive() {
    std::unique_lock lock(mutex_);
    const int number = ++arrived_;
    most_ = std::max(most_, ++inside_);
    const int company = (number - 1) / at_a_time;
    everybody_.notify_all();
    everybody_.wait_for(lock, std::chrono::seconds(20),
                        [&] { return arrived_ >= (company + 1) * at_a_time; });
    --inside_;
    return number;
  }

  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable everybody_;
  int arrived_ = 0, inside_ = 0, most_ = 0;
  std::thread thread_;
};

constexpr const char* recipe = R"(
recipe: 1
name: gatherer
about: Lets people in by company
options: {url: {type: url, required: true, about: Where}}
budget: {concurrency: 4}
auth: none
user:
  key: mail
  attributes: {mail: {required: true}}
  list: {request: GET /users, pages: none}
  create: {request: POST /users}
)";

TEST(Workers, SendAsMuchAtATimeAsTheBudgetAllowsAlsoWhenThereIsLittleToDo) {
  Gatherer platform;
  World world;
  std::ofstream(world.folder() / "gatherer.yaml") << recipe;
  std::ofstream(world.folder() / "people.csv")
      << "key,mail\n1,a@x.org\n2,b@x.org\n3,c@x.org\n4,d@x.org\n5,e@x.org\n"
         "6,f@x.org\n7,g@x.org\n8,h@x.org\n";
  const auto config = world.folder() / "workers.yaml";
  std::ofstream(config)
      << "version: 1\nstate: workers.db\nplatforms:\n  hr: {connector: csv, path: people.csv}\n"
      << "  there: {connector: gatherer, url: \"http://127.0.0.1:" << platform.port() << "\"}\n"
      << "people: {from: hr, key: record.key, attributes: {mail: record.mail}}\n"
      << "accounts: {there: {set: {mail: person.mail}}}\n";
  CommonOptions options;
  options.config = config;
  NoProgress progress;
  Session session(options, progress, {});
  session.pull({}, Refresh::all);
  const Plan plan = session.plan();
  ASSERT_EQ(plan.operations.size(), 8U);
  const ApplyReport report = session.apply(plan);
  EXPECT_TRUE(report.troubles.empty());
  EXPECT_EQ(platform.arrived(), 8);
  EXPECT_EQ(platform.most(), at_a_time);
}

}  // namespace
}  // namespace usher::test
