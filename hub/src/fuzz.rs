//! For the fuzzer alone: the hub's own readers of bytes from outside, each with what it promises. See `tests/fuzz`.

pub use crate::{
    backup::{fuzz_archive, fuzz_archives},
    discovery::fuzz_announcement,
    node::fuzz_held,
    transport::fuzz_frame,
};
