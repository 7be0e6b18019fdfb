//! a .env file
