#pragma once

#include <nlohmann/json.hpp>

#include "state/model/plan.hpp"

namespace usher {

// How each part of a plan is written as JSON and read, as docs/reports.md has it; nlohmann::json finds them
// where a list of them is written or read. What a plan has by the change is appended as text, without a tree.
// Reading throws nlohmann::json::exception for a member that is
// missing or of another type, and std::invalid_argument for a name that is none of its enumeration.

void to_json(nlohmann::json& out, const Seal& seal);
void from_json(const nlohmann::json& from, Seal& seal);
void append_json(std::string& out, const FieldChange& field);
void from_json(const nlohmann::json& from, FieldChange& field);
void append_json(std::string& out, const MembershipChange& change);
void from_json(const nlohmann::json& from, MembershipChange& change);
void append_json(std::string& out, const Change& change);
void from_json(const nlohmann::json& from, Change& change);
void from_json(const nlohmann::json& from, Operation& operation);
void append_json(std::string& out, const NewLink& link);
void from_json(const nlohmann::json& from, NewLink& link);
void to_json(nlohmann::json& out, const Objection& objection);
void from_json(const nlohmann::json& from, Objection& objection);
void to_json(nlohmann::json& out, const Note& note);
void from_json(const nlohmann::json& from, Note& note);

/// With "seconds", which is not read: they follow from the others.
void to_json(nlohmann::json& out, const RequestCost& cost);
void from_json(const nlohmann::json& from, RequestCost& cost);

/// "add", "change" or "remove", as a membership's "act" is written.
const char* to_string(MembershipChange::Act act);

/// {"held": …, "notes": …, "objections": …}: what of a plan is not carried out, and why.
nlohmann::json withheld_json(const Plan& plan);

}  // namespace usher
