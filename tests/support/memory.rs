//! What processes hold in their memory.

use std::fs::File;
use std::io::BufRead as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// How much is read at once.
const CHUNK: usize = 1 << 20;

/// The processes that hold `piece` in memory they can write, of all whose memory this process may read.
///
/// Left out are this program's own processes: it made the piece, and a child that another test forks has it until
/// it becomes its program.
pub(crate) fn processes_with(piece: &[u8]) -> Vec<u32> {
    let own = std::fs::read_link("/proc/self/exe").expect("this program");
    let mut found: Vec<u32> = std::fs::read_dir("/proc")
        .expect("the processes")
        .filter_map(|entry| entry.expect("a process").file_name().to_str()?.parse().ok())
        .filter(|process: &u32| {
            let folder = Path::new("/proc").join(process.to_string());
            // Read before the memory: what is another program by now has nothing of ours.
            let program = folder.join("exe").read_link();
            program.is_ok_and(|program| program != own) && is_in_memory(&folder, piece)
        })
        .collect();
    found.sort_unstable();
    found
}

/// A process that ends, or whose memory is not for us to read, has nothing to show.
fn is_in_memory(process: &Path, piece: &[u8]) -> bool {
    let (Ok(memory), Ok(mappings)) = (
        File::open(process.join("mem")),
        std::fs::read_to_string(process.join("smaps")),
    ) else {
        return false;
    };
    filled_mappings(&mappings)
        .into_iter()
        .any(|(start, end)| is_between(&memory, start, end, piece))
}

/// The writable mappings that have a page in memory or in the swap: a reserved one may be larger than the machine.
fn filled_mappings(smaps: &str) -> Vec<(u64, u64)> {
    let mut filled = Vec::new();
    let mut current = None;
    for line in smaps.lines() {
        let mut words = line.split_ascii_whitespace();
        let (Some(first), Some(second)) = (words.next(), words.next()) else {
            continue;
        };
        if !first.ends_with(':') {
            let range = first.split_once('-').filter(|_| second.starts_with("rw"));
            current = range.map(|(start, end)| (address(start), address(end)));
        } else if ["Rss:", "Swap:"].contains(&first) && second != "0" {
            filled.extend(current.take());
        }
    }
    filled
}

fn address(digits: &str) -> u64 {
    u64::from_str_radix(digits, 16).expect("the kernel writes addresses in hexadecimal")
}

fn is_between(memory: &File, start: u64, end: u64, piece: &[u8]) -> bool {
    let mut at = start;
    let mut chunk = vec![0; CHUNK];
    while at < end {
        let wanted = usize::try_from(end - at).map_or(CHUNK, |left| left.min(CHUNK));
        let Ok(read @ 1..) = memory.read_at(&mut chunk[..wanted], at) else {
            return false;
        };
        if holds(&chunk[..read], piece) {
            return true;
        }
        // A piece may stand across the end of what was read.
        let step = if at + read as u64 == end {
            read
        } else {
            read.saturating_sub(piece.len()).max(1)
        };
        at += step as u64;
    }
    false
}

/// By the library's search for one byte, because this program is built without optimisation.
fn holds(mut text: &[u8], piece: &[u8]) -> bool {
    let (first, rest) = piece.split_first().expect("a piece is not empty");
    while !text.is_empty() {
        let before = text;
        let skipped = text
            .skip_until(*first)
            .expect("memory is read without errors");
        if before[skipped - 1] == *first && text.starts_with(rest) {
            return true;
        }
    }
    false
}
