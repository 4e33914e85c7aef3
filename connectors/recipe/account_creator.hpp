#pragma once

#include <optional>
#include <string>

#include "connectors/recipe/call_writer.hpp"

namespace usher::recipe {

/// The values a call writes, as the recipe wants them written. values: by dotted path.
WriteRequest payload_of(const RecipePlatform& platform, const nlohmann::json& values);

/// Creates accounts. Threads: any number. What it is made of must outlive it.
class AccountCreator {
 public:
  AccountCreator(const RecipePlatform& platform, AccountLookup& lookup, const CallWriter& calls)
      : platform_(platform), lookup_(lookup), calls_(calls) {}

  /// See Connector::apply, for a create.
  Outcome<Receipt> create(const Operation& operation, const Secret& secret,
                          const std::stop_token& stop) const;
  /// See Connector::finish.
  Outcome<Receipt> finish(const Operation& create, const Receipt& created, const Secret& secret,
                          const std::stop_token& stop) const;

 private:
  /// What stands against a create; nothing: it may be sent.
  std::optional<Failure> unproven(const CreateRecipe& recipe, const std::stop_token& stop) const;
  std::string id_of_created(const Operation& operation, const Reply& reply,
                            const std::stop_token& stop) const;
  /// Gives a scope what the calls of a create may read.
  void describe_new(const Operation& operation, const Secret& secret, Scope& scope) const;

  const RecipePlatform& platform_;
  AccountLookup& lookup_;
  const CallWriter& calls_;
};

}  // namespace usher::recipe
