//! The servers of a config are found in every shape, and read as their clients mean them.

mod entries;
mod shapes;
mod support;
