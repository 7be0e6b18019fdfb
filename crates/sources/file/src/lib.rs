//! one file, or a systemd or container secrets folder
