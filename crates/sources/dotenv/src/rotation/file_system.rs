//! Whether a file is on a file system that other machines write to as well: their writers do not see our locks.

use std::path::Path;

/// Of `linux/magic.h` and the file systems' own headers, as statfs(2) gives them: those whose files are somebody else's.
#[cfg(target_os = "linux")]
const SHARED: [u32; 15] = [
    0x0000_517b, // SMB
    0x0000_564c, // NCP
    0x0000_6969, // NFS
    0x00c3_6400, // Ceph
    0x0102_1997, // 9P, by which WSL and virtual machines share folders
    0x0116_1970, // GFS2
    0x0bd0_0bd0, // Lustre
    0x5346_414f, // AFS
    0x6573_5546, // FUSE: sshfs and many more
    0x6a65_6a63, // virtiofs
    0x6b41_4653, // AFS of the kernel
    0x7375_7245, // Coda
    0x7461_636f, // OCFS2
    0xfe53_4d42, // SMB 2 and 3
    0xff53_4d42, // CIFS
];

/// Also of VirtualBox, `vboxsf`.
#[cfg(target_os = "linux")]
const VBOXSF: u32 = 0x786f_4256;

/// Whether the file at `path`, which is there, is shared with other machines. What cannot be told is not.
#[cfg(target_os = "linux")]
pub(super) fn is_shared(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|stat| is_of_a_network(stat.f_type))
}

/// The type's width and sign differ from one machine to another; its low 32 bits do not.
#[cfg(target_os = "linux")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the low 32 bits are what is asked for"
)]
fn is_of_a_network(kind: rustix::fs::FsWord) -> bool {
    let kind = kind as u32;
    SHARED.contains(&kind) || kind == VBOXSF
}

/// macOS says of each file system whether it is local.
#[cfg(target_os = "macos")]
pub(super) fn is_shared(path: &Path) -> bool {
    // `MNT_LOCAL` of `sys/mount.h`.
    const LOCAL: u32 = 0x1000;
    rustix::fs::statfs(path).is_ok_and(|stat| stat.f_flags & LOCAL == 0)
}

/// Windows: a canonical path of another machine says so.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn is_shared(path: &Path) -> bool {
    path.as_os_str()
        .as_encoded_bytes()
        .starts_with(br"\\?\UNC\")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_disk_of_this_machine_is_not_shared_and_nfs_is() {
        assert!(!is_shared(Path::new("/proc/self/status")));
        assert!(is_of_a_network(0x6969));
        #[expect(clippy::cast_possible_wrap, reason = "as a 32-bit machine gives it")]
        let cifs = 0xff53_4d42_u32 as i32;
        assert!(is_of_a_network(cifs.into()));
        // ext4, tmpfs, btrfs, xfs, overlayfs, ZFS.
        for local in [
            0xef53,
            0x0102_1994,
            0x9123_683e,
            0x5846_5342,
            0x794c_7630,
            0x2fc1_2fc1,
        ] {
            assert!(!is_of_a_network(local), "{local:x}");
        }
    }
}
