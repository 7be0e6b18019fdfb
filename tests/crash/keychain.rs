//! An import into the keychain of Linux, killed at each message to it.

use mcp_launch_testkit::{Canary, Scratch};

use super::Finished;
use crate::keychain::in_session;
use crate::support::installed;

/// Imports the `.env` killed at each message, and again; says how often it was killed.
const SCRIPT: &str = r#"
    import() { "$@" "$LAUNCH" secrets import .env --to keychain --delete-source --yes >said 2>&1; }
    fail() { echo "killed at message $nth: $*"; cat said .env; exit 1; }
    printf '# mine\nA="%s"\nB=another-value' "$VALUE" >original
    cp original .env
    import
    cp .env finished
    "$LAUNCH" restore --all --yes >said 2>&1
    "$LAUNCH" secrets rm A --store keychain >said 2>&1
    "$LAUNCH" secrets rm B --store keychain >said 2>&1
    nth=0
    while [ "$nth" -lt 200 ]; do
        nth=$((nth + 1))
        cp original .env
        if import strace -f -qq -o /dev/null -e trace=sendmsg -e "inject=sendmsg:signal=KILL:when=$nth"; then
            echo "killed $((nth - 1))"
            exit 0
        fi
        if ! cmp -s .env original; then
            cmp -s .env finished || fail "a half file"
            [ "$("$LAUNCH" secrets get A --store keychain)" = "$VALUE" ] || fail "A is lost"
            [ "$("$LAUNCH" secrets get B --store keychain)" = another-value ] || fail "B is lost"
        fi
        import || fail "not finished"
        cmp -s .env finished || fail "not as it is to be"
        [ "$("$LAUNCH" secrets get A --store keychain)" = "$VALUE" ] || fail "A did not arrive"
        "$LAUNCH" restore --all --yes >said 2>&1 || fail "not restored"
        cmp -s .env original || fail "not as it was"
        "$LAUNCH" secrets rm A --store keychain >said 2>&1
        "$LAUNCH" secrets rm B --store keychain >said 2>&1
    done
    fail "no end"
"#;

#[test]
fn an_import_killed_at_any_message_is_finished_by_the_next() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let mut session = in_session(&scratch, &["/bin/sh", "-c", SCRIPT]);
    session
        .env("LAUNCH", installed(&scratch))
        .env("VALUE", canary.value());
    let said = Finished::of(&mut session).success();
    let kills = said.trim().strip_prefix("killed ").map(str::parse::<usize>);
    assert!(matches!(kills, Some(Ok(10..))), "{said}");
}
