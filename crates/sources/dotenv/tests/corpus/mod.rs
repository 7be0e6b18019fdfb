//! Files to read: written by hand for what is known to differ, and generated for what is not.

/// Names that a shell can hold and that every file may use.
pub(crate) const NAMES: [&str; 5] = ["A", "B", "C", "KEY", "_Z9"];

/// What people write, what the readers are known to disagree on, and what once went wrong.
pub(crate) const BY_HAND: &[&str] = &[
    "A=1\n",
    "A=1",
    "A=",
    "A=\nB=2\n",
    "A=''\nB=\"\"\nC=2\n",
    "\u{FEFF}A=1\nB=2\n",
    "A=1\r\nB='2'\r\nC=\"3\"\r\n",
    "A=1\r\nB=2",
    "A=1\r\nB=2\r",
    "# comment\n\n  # it's another\nA=1\n",
    "export A=1\nexport\tB=2\nexport  C='3'\n",
    "  A=1\n\tB=2\n",
    "A =1\nB= 2\nC = 3\n",
    "A=1 \nB='2' \nC=\"3\"\t\n",
    "A=1 ",
    "A='1' ",
    "A=1 # c\nB='2' # c\nC=\"3\" # it's c\n",
    "A=1\t# c\nB='2'\t# c\n",
    "A=1#c\nB='2'#c\nC=\"3\"#c\n",
    "A=#c\nB= # c\nC=\n",
    "A=a#b\nB='a#b'\nC=\"a#b\"\n",
    "A=a #b\nB='a #b'\nC=\"a #b\"\n",
    "A=hello world\nB='hello world'\nC=\"hello world\"\n",
    "A=it's\nB=2\n",
    "A=it's\nB=don't\nC=3\n",
    "A=\"it's\"\nB='say \"x\"'\nC=3\n",
    "A='it'\\''s'\nB=2\n",
    "A='it\\'s'\nB=2\n",
    "A=\"say \\\"x\\\"\"\nB=2\n",
    "A='a'b\nB=a'b'c\nC=\"a\"\"b\"\n",
    "A='a''b'\nB=\"a\"b\n",
    "A=\"pa$sw0rd\"\nB=1\n",
    "A=pa$$word$1\nB=1\n",
    "A='pa$sw0rd'\nB='pa$$word$1'\n",
    "A=$\nB=a$\nC=\"a$\"\n",
    "A=\"$ x\"\nB=a$.b\n",
    "A=x\nB=$A\nC=${A}\nKEY=\"${A:-d}\"\n",
    "A='${B}'\nB=${C:-def}\nC=\"$A\"\n",
    "A=\"\\$x\"\nB=\\$x\nC='\\$x'\n",
    "A=$(b)\nB=`b`\nC=\"$(b)\"\n",
    "A='$(b)'\nB='`b`'\n",
    "A=`open\nB=2\n",
    "A=`quoted value`\nB=2\n",
    "A=\"a\\nb\"\nB='a\\nb'\nC=a\\nb\n",
    "A=\"a\\tb\"\nB=\"a\\rb\"\nC=\"a\\\\b\"\n",
    "A=\"a\\0101b\"\nB=\"\\01\"\nC=\"\\0\"\n",
    "A=\"\\a\\b\\f\\v\\c\"\nB='\\a'\n",
    "A='a\\b'\nB=a\\b\nC=\"a\\b\"\n",
    "A='a\\\\b'\nB=a\\\\b\nC='a\\'\n",
    "A='ends\\'\nB='x'\n",
    "A=a\\\nb\nB=2\n",
    "A=\"a\\\nb\"\nB=2\n",
    "A='x\ny'\nB=\"x\ny\"\nC=3\n",
    "A='x\r\ny'\r\nB=\"x\r\ny\"\r\nC=3\r\n",
    "A=\"-----BEGIN KEY-----\nab/+==\n-----END KEY-----\n\"\nB=2\n",
    "A=\"-----BEGIN KEY-----\\nab/+==\\n-----END KEY-----\"\nB=2\n",
    "A=-----BEGIN KEY-----\nab/+==\n-----END KEY-----\nB=2\n",
    "A={\"k\":\"v w\"}\nB='{\"k\":\"v w\"}'\nC=[1,2]\n",
    "A={\n\"k\": 1\n}\nB=2\n",
    "A=[\"a\", \"b\"]\nB=2\n",
    "A=postgres://u:p@h:5432/d?a=1&b=2\nB=2\n",
    "export A=postgres://u:p@h/d?a=1&b=2\nB=2\n",
    "A='postgres://u:p@h/d?a=1&b=2'\nB=2\n",
    "A=a;b\nB=a|b\nC=a>b\nKEY=1\n",
    "A=a;B=2\nC=3\n",
    "A=a(b)\nB=2\n",
    "A=ab(cd\nB=2\n",
    "A=(a b)\nB=2\n",
    "A=(a\nB=2\n",
    "A=My App (dev)\nB=2\n",
    "A=a<<b\nB=2\nb\nC=3\n",
    "A=a)\nB=2\n",
    "A=1;\nB=2\n",
    "A=1 &&\nB=2\n",
    "A=1 |\nB=2\n",
    "A=1 B=2\nC=3\n",
    "A=1 B=2 foo\nC=3\n",
    "export A=1 B=2\nC=3\n",
    "export A=a b\nC=3\n",
    "export A B\nC=3\n",
    "export A\nC=3\n",
    "export\nA=1\n",
    "export=1\nA=1\n",
    "export =1\nA=1\n",
    "A\nB=2\n",
    "A=1\nA\nB=2\n",
    "foo bar\nA=1\n",
    "A=1\nA=2\n",
    "A=1\nA='2'\nA=\"3\"\n",
    "A=1\nA=it's\nB=2\n",
    "A=1\nA=hello world\n",
    "A=1\nA='x' y\n",
    "A=\"$${\"\nB=2\nC='3'\n",
    "A=b$\\\n1B=2\nC=3\n",
    "A=b<\\\n#\nC=3\n",
    "A=b\u{2028}``\nB=2\n",
    "A=$(;)\nB=2\n",
    "A=1\nunset A\nB=2\n",
    "UID=1\nA=1\n",
    "A=1\nRANDOM=1\nSECONDS=1\nB=2\n",
    "A=1\nif true\nthen\nA=2\nfi\nB=2\n",
    "A+=1\nB=2\n",
    "A=~\nB=a~b\nC=a:~\nKEY='~'\n",
    "A=*\nB=?\nC=[a]\n",
    "A={a,b}\nexport B={a,b}\nC=3\n",
    "A=!b\nB=\"a!b\"\nC='!'\n",
    "A-B=1\n1A=2\na.b=3\nA=4\n",
    "A[0]=1\nB=2\n",
    "A: 1\nB:2\nC:\n",
    "A=\n'x'\nB=2\n",
    "A\n=1\nB=2\n",
    "'A'=1\n\"B\"=2\nC=3\n",
    "=1\nA=2\n",
    "==\nA=2\n",
    "A==\nB==x=\n",
    "A='open\nB=2\nC=3\n",
    "A=\"open\nB=2\nC='x'\n",
    "A='open\nB='x'\nC=3\n",
    "A=1\nB=\"open",
    "A=p\u{e4}ss\nB='p\u{e4}ss'\nC=\"\u{1F511}\"\n",
    "A=a\u{2028}B=b\nC=3\n",
    "# c\u{2028}A=1\nB=2\n",
    "A=a\u{a0}\nB=\u{85}b\nC=\u{3000}c\n",
    "A=a\rB=b\nC=3\n",
    "A=a\u{b}b\nB=a\u{c}\nC=\u{1c}c\n",
    "A=a\u{1}b\nB='a\u{7f}b'\n",
    "A=a\0b\nB=2\n",
    "A=\"a\tb\"\nB=a\tb\nC='a\tb'\n",
    "__proto__=1\nA=2\n",
    "A=$'x'\nB=$\"x\"\nC=3\n",
    "A=${B\nB=2\n",
    "A=${B?}\nB=2\n",
    "A=${B=1}\nC=3\n",
    "A=\"${B}}\"\nB=2\n",
    "A=$[1+1]\nB=$((1+1))\n",
    "A=a \\\nB=2\n",
    "A='a'\\\nB=2\n",
    "A=\\\nB=2\n",
    "\\\nA=1\n",
    "A=\"x\" # y \"z\"\nB='x' # y 'z'\n",
    "A=\"x\" y # \"\nB=2\n",
    "A=x # \"\nB=2\n# '\nC=3\n",
    "A=a\\ b\nB=a\\#b\nC=\\'x\\'\n",
    "A=\"a\\ b\"\nB=\"a\\'b\"\nC=\"a\\`b\"\n",
];

/// Files that are not UTF-8.
pub(crate) const BY_HAND_BYTES: &[&[u8]] = &[
    b"A=p\xE4ss\nB=2\n",
    b"# \xE4\nA=1\n",
    b"A='\xFF'\nB=\"\xC3\"\nC=3\n",
    b"A=1\n\xE4=2\nB=3\n",
];

/// Generated files: the same for the same seed on every machine.
pub(crate) fn generated(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut dice = Dice(seed);
    (0..count).map(|_| file(&mut dice)).collect()
}

/// Xorshift64*: enough for choosing, and nothing else in the tests may depend on it.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// No letter combination names a command that bash has built in, and no `/` leads out of the folder.
const COMMON: &[&str] = &[
    "a", "b", "n", "r", "t", "x", "1", "0", " ", "ab", "=", ":", ",", ".",
];
const RARE: &[&str] = &[
    "'", "\"", "`", "\\", "$", "#", " #", "\\n", "\\\\", "\\'", "\\\"", "\\$", "$$", "$A", "${A}",
    "${B:-x}", "$(b)", "{", "}", "(", ")", "&", ";", "|", "<", ">", "~", "*", "!", "?", "\t", "\n",
    "\r\n", "\r", "\u{e9}", "\u{2028}", "\u{85}", "\u{a0}", "\u{feff}", "\u{1}", "\u{b}", "\u{1f}",
    "A=", "B='", "\nC=", "export ", "--", "+=",
];
const KEYS: &[&str] = &[
    "A", "B", "C", "KEY", "_Z9", "A", "B", "C", "a.b", "A-B", "1A", "export", "\u{e9}", "",
];
const BEFORE: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "export ",
    " ",
    "\t",
    "export\t",
    " export  ",
    "export\n",
    "\n",
];
const BETWEEN: &[&str] = &[
    "=", "=", "=", "=", "=", "=", "=", " =", "= ", " = ", ":", ": ", "=\n", "\n=", "=\t",
];
const AFTER: &[&str] = &[
    "", "", "", "", "", "", " ", " # c", "#c", "\t# c", " # it's", " x", "x", ";", " B=1", "\\",
];

fn file(dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::new();
    if dice.below(30) == 0 {
        out.extend_from_slice("\u{feff}".as_bytes());
    }
    // Half of the files are odd only in their values, so that a shell too gets through them.
    let tame = dice.below(2) == 0;
    let end = if tame {
        "\n"
    } else {
        dice.one(&["\n", "\n", "\n", "\r\n"])
    };
    let lines = 1 + dice.below(5);
    for line in 0..lines {
        match dice.below(12) {
            0 if !tame => noise(dice, 8, 2, &mut out),
            1 => out.extend_from_slice(
                dice.one(&["# c", "#", " # it's", "", "", "# \u{e9}"])
                    .as_bytes(),
            ),
            _ if tame => {
                out.extend_from_slice(dice.one(&["", "", "", "export ", " "]).as_bytes());
                out.extend_from_slice(dice.one(&NAMES).as_bytes());
                out.push(b'=');
                value(dice, &mut out);
                out.extend_from_slice(dice.one(&["", "", "", "", " ", " # c", "#c"]).as_bytes());
            }
            _ => {
                out.extend_from_slice(dice.one(BEFORE).as_bytes());
                out.extend_from_slice(dice.one(KEYS).as_bytes());
                out.extend_from_slice(dice.one(BETWEEN).as_bytes());
                value(dice, &mut out);
                out.extend_from_slice(dice.one(AFTER).as_bytes());
            }
        }
        if line + 1 < lines || dice.below(3) > 0 {
            let end = if !tame && dice.below(25) == 0 {
                dice.one(&["\n", "\r\n", "\r", ""])
            } else {
                end
            };
            out.extend_from_slice(end.as_bytes());
        }
    }
    if dice.below(60) == 0 && !out.is_empty() {
        let at = dice.below(out.len());
        out[at] = dice.one(&[&b"\xFF"[..], b"\xC3", b"\0"])[0];
    }
    out
}

fn value(dice: &mut Dice, out: &mut Vec<u8>) {
    match dice.below(10) {
        0..=2 => noise(dice, 6, 8, out),
        3..=8 => {
            let quote = dice.one(&["'", "'", "\"", "\"", "`"]);
            out.extend_from_slice(quote.as_bytes());
            noise(dice, 5, 3, out);
            if dice.below(20) > 0 {
                out.extend_from_slice(quote.as_bytes());
            }
        }
        _ => noise(dice, 6, 1, out),
    }
}

/// Up to `most` pieces; one in `rarity` is a rare one.
fn noise(dice: &mut Dice, most: usize, rarity: usize, out: &mut Vec<u8>) {
    for _ in 0..dice.below(most + 1) {
        let pieces = if dice.below(rarity) == 0 {
            RARE
        } else {
            COMMON
        };
        out.extend_from_slice(dice.one(pieces).as_bytes());
    }
}
