//! The clients, one file each.

mod ai_assistant;
mod amazon_q;
mod amp;
mod antigravity;
mod claude_code;
mod claude_desktop;
mod cline;
mod codex;
mod continue_dev;
mod copilot_cli;
mod crush;
mod cursor;
mod factory;
mod gemini_cli;
mod generic;
mod goose;
mod inspector;
mod junie;
mod kilo;
mod kiro;
mod librechat;
mod lm_studio;
mod mcphub;
mod opencode;
mod qwen_code;
mod roo;
mod sema4ai;
mod visual_studio;
mod vscode;
mod warp;
mod windsurf;
mod zed;

use crate::Client;

pub use generic::GENERIC;

/// Every client. A file that several of them read belongs to the first one here.
pub static CLIENTS: &[&Client] = &[
    &claude_desktop::CLAUDE_DESKTOP,
    &claude_code::CLAUDE_CODE,
    &cursor::CURSOR,
    &copilot_cli::COPILOT_CLI,
    &vscode::VSCODE,
    &codex::CODEX,
    &gemini_cli::GEMINI_CLI,
    &windsurf::WINDSURF,
    &antigravity::ANTIGRAVITY,
    &zed::ZED,
    &cline::CLINE,
    &roo::ROO,
    &kilo::KILO,
    &continue_dev::CONTINUE,
    &qwen_code::QWEN_CODE,
    &goose::GOOSE,
    &lm_studio::LM_STUDIO,
    &junie::JUNIE,
    &ai_assistant::AI_ASSISTANT,
    &kiro::KIRO,
    &amazon_q::AMAZON_Q,
    &opencode::OPENCODE,
    &crush::CRUSH,
    &warp::WARP,
    &inspector::INSPECTOR,
    &sema4ai::SEMA4AI,
    &mcphub::MCPHUB,
    &visual_studio::VISUAL_STUDIO,
    &amp::AMP,
    &factory::FACTORY,
    &librechat::LIBRECHAT,
];

/// The client whose [`Client::id`] is `id`.
#[must_use]
pub fn client(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().copied().find(|client| client.id == id)
}
