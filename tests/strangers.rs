//! Configs of other users. Only root can make one, so these tests are not run as an ordinary user.

use std::fs;
use std::os::unix::fs::chown;

use mcp_launch_testkit::Scratch;

use crate::adopt_files::{adopt, config, key};
use crate::support::configs::entries;
use crate::support::{Finished, launch};

#[test]
fn a_file_of_another_user_is_passed_over_and_refused_when_it_is_named() {
    for theirs in ["", ".mcp.json"] {
        let (scratch, ours, foreign) = (Scratch::new(), key(), key());
        let own = scratch.write(".cursor/mcp.json", config(&ours));
        let text = config(&foreign);
        let path = scratch.write("work/.mcp.json", &text);
        chown(scratch.home().join("work").join(theirs), Some(12_345), None)
            .expect("the tests run as root");
        let said = adopt(&scratch, &path);
        assert_eq!(said.code, Some(1), "{}", said.stderr);
        assert!(
            said.stderr.contains("belongs to another user"),
            "{}",
            said.stderr
        );
        let all = ["adopt", "--all", "--to", "sealed", "--yes"];
        let mut all = launch(&scratch, all);
        let said = Finished::of(all.current_dir(scratch.home().join("work")));
        assert!(
            said.stderr.contains("belongs to another user"),
            "{}",
            said.stderr
        );
        assert!(entries(&own)[0].launched);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}
