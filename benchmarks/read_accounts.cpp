#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/account_reader.hpp"
#include "connectors/json_view.hpp"
#include "state/store/snapshot_writer.hpp"

// From a page of JSON to canonical accounts: what a pull costs beside the network and the store.
namespace usher {
namespace {

AttributePlace place(const char* path, AttributeType type) {
  AttributePlace result;
  result.attribute.path = path;
  result.attribute.type = type;
  result.places = {path};
  return result;
}

std::string page_of(int users) {
  std::string page = R"({"limit":100,"offset":0,"total":1000000,"users":[)";
  for (int i = 0; i < users; ++i) {
    page += fmt::format(
        R"({}{{"id":"6f1c2a9e-{:04}-4c1b-9a7e-0123456789ab","name":"Person Number {}","tags":["sales","berlin"],)"
        R"("owner":"00000000-0000-4000-8000-000000000000","credentials":{{"identity":"person.{}@example.com"}},)"
        R"("metadata":{{"employee_id":"E{:06}","level":3}},"created_at":"2023-06-01T10:00:00.123456Z",)"
        R"("updated_at":"0001-01-01T00:00:00Z","status":"enabled"}})",
        i == 0 ? "" : ",", i, i, i, i);
  }
  return page + "]}";
}

void read_page(benchmark::State& state) {
  AccountShape shape;
  shape.id = "id";
  shape.active = {.place = "status", .values = {"\"enabled\""}};
  shape.attributes = {place("credentials.identity", AttributeType::string),
                      place("metadata", AttributeType::object), place("name", AttributeType::string),
                      place("owner", AttributeType::string), place("tags", AttributeType::set)};
  const AccountReader reader(shape);
  std::string page = page_of(100);
  page.reserve(page.size() + simdjson::SIMDJSON_PADDING);
  simdjson::dom::parser parser;
  const auto scratch = reader.scratch();
  std::vector<Account> accounts;
  for (auto _ : state) {
    accounts.clear();
    accounts.reserve(100);
    const simdjson::dom::element document = parser.parse(page.data(), page.size(), false).value();
    for (const simdjson::dom::element user : view::items(document["users"].value())) {
      if (reader.read(user, accounts.emplace_back(), *scratch)) state.SkipWithError("a user cannot be read");
    }
    benchmark::DoNotOptimize(accounts.data());
  }
  state.SetItemsProcessed(state.iterations() * 100);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(read_page);

void fingerprint_accounts(benchmark::State& state) {
  const std::vector<unsigned char> seed(32, 7);
  const Fingerprinter fingerprints(seed);
  std::vector<Account> accounts;
  for (int i = 0; i < 100; ++i) {
    accounts.push_back(
        {.id = fmt::format("6f1c2a9e-{:04}-4c1b-9a7e-0123456789ab", i),
         .attributes = fmt::format(
             R"({{"credentials":{{"identity":"person.{}@example.com"}},"metadata":{{"employee_id":"E{:06}"}},"name":"Person Number {}","tags":["berlin","sales"]}})",
             i, i, i),
         .memberships = R"({"group":{"g-engineers":["g_list","m_read"]}})"});
  }
  for (auto _ : state) {
    for (Account& account : accounts) {
      PreparedAccount prepared = prepare(std::move(account), fingerprints);
      benchmark::DoNotOptimize(prepared.digest);
      account = std::move(prepared.account);
    }
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(fingerprint_accounts);

}  // namespace
}  // namespace usher
