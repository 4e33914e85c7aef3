#pragma once

#include "engine/cli/command.hpp"

namespace usher::cli {

extern const Command init_command;
extern const Command validate_command;
extern const Command pull_command;
extern const Command plan_command;
extern const Command show_command;
extern const Command apply_command;
extern const Command sync_command;
extern const Command link_command, unlink_command, relink_command;
extern const Command offboard_command;
extern const Command undo_command;
extern const Command explain_command;
extern const Command history_command;
extern const Command who_removed_command;
extern const Command as_of_command;
extern const Command diff_command;
extern const Command runs_command;
extern const Command orphans_command;
extern const Command links_command;
extern const Command leaving_command;
extern const Command impact_command;
extern const Command test_command;
extern const Command credentials_command;
extern const Command dump_command;
extern const Command migrate_command;
extern const Command accept_command;
extern const Command readmit_command;
extern const Command approve_command;
extern const Command state_command, verify_command;
extern const Command status_command;
extern const Command eval_command;
extern const Command doctor_command;
extern const Command connector_command;
extern const Command completion_command;
extern const Command manual_command;
extern const Command version_command;
extern const Command schema_command;
extern const Command help_command;

}  // namespace usher::cli
