//! an encrypted file of mcp-launch's own
