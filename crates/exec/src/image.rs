//! What the server starts with: its arguments and its environment as the system takes them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString, c_char};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use mcp_launch_core::{Piece, Program, ResolvedLaunch, ResolvedText, Site};
use zeroize::Zeroizing;

use crate::error::HardenError;
use crate::handoff;

/// NUL-terminated texts in one block of memory, wiped when dropped: the path to execute, the arguments
/// from the program's own name on, the variables.
///
/// After `execve` the memory is gone; a drop means that it failed.
pub(crate) struct Image {
    bytes: Zeroizing<Vec<u8>>,
    arguments: Vec<Text>,
    variables: Vec<Text>,
    descriptors: Vec<OwnedFd>,
}

/// A text's place in the block, without its NUL.
#[derive(Clone, Copy)]
struct Text {
    start: usize,
    length: usize,
}

impl Image {
    /// Lays out `launch`. Values for descriptors are put behind them.
    ///
    /// Where a variable stands twice the first is kept, the one that `getenv` finds.
    pub(crate) fn of(launch: &ResolvedLaunch) -> Result<Self, HardenError> {
        let mut image = Self {
            bytes: Zeroizing::new(Vec::with_capacity(space(launch))),
            arguments: Vec::with_capacity(launch.arguments.len() + 1),
            variables: Vec::with_capacity(launch.environment.len()),
            descriptors: Vec::new(),
        };
        image.push_program(&launch.program)?;
        for (index, text) in launch.arguments.iter().enumerate() {
            let start = image.bytes.len();
            image.push_text(text, || Site::Argument(index + 1))?;
            let text = image.end_text(start);
            image.arguments.push(text);
        }
        let mut names = BTreeSet::new();
        for (index, (name, text)) in launch.environment.iter().enumerate() {
            check_name(name, index + 1)?;
            if names.insert(name) {
                image.push_variable(name, text)?;
            }
        }
        Ok(image)
    }

    /// The path to execute.
    pub(crate) fn path(&self) -> *const c_char {
        self.bytes.as_ptr().cast()
    }

    /// The arguments as a table that ends with a null pointer. Valid as long as the image.
    pub(crate) fn arguments(&self) -> Vec<*const c_char> {
        self.table(&self.arguments)
    }

    /// The variables as a table that ends with a null pointer. Valid as long as the image.
    pub(crate) fn variables(&self) -> Vec<*const c_char> {
        self.table(&self.variables)
    }

    /// The descriptors that the texts name.
    pub(crate) fn descriptors(&self) -> &[OwnedFd] {
        &self.descriptors
    }

    /// The number that the variable `name` holds, if that is what it holds.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        let value = self.variables.iter().find_map(|text| {
            self.bytes_of(*text)
                .strip_prefix(name.as_bytes())?
                .strip_prefix(b"=")
        })?;
        str::from_utf8(value).ok()?.parse().ok()
    }

    /// How many bytes the system has to copy: the texts, their NULs and the pointers to them.
    pub(crate) fn size(&self) -> usize {
        let texts = self.arguments.iter().chain(&self.variables);
        texts
            .map(|text| text.length + 1 + size_of::<*const c_char>())
            .sum()
    }

    /// The first argument or variable longer than `limit`, and its length.
    pub(crate) fn longer_than(&self, limit: usize) -> Option<(Site, usize)> {
        let arguments = self
            .arguments
            .iter()
            .enumerate()
            .map(|(index, text)| (Site::Argument(index), text));
        let variables = self.variables.iter().map(|text| {
            let bytes = self.bytes_of(*text);
            let name = bytes.split(|&byte| byte == b'=').next().unwrap_or_default();
            (Site::Variable(OsString::from_vec(name.to_vec())), text)
        });
        arguments
            .chain(variables)
            .find(|(_, text)| text.length > limit)
            .map(|(site, text)| (site, text.length))
    }

    fn push_program(&mut self, program: &Program) -> Result<(), HardenError> {
        for text in [program.path.as_os_str(), &program.typed] {
            if text.as_bytes().contains(&0) {
                return Err(HardenError::ProgramName);
            }
        }
        self.push_plain(program.path.as_os_str());
        self.end_text(0);
        let start = self.bytes.len();
        self.push_plain(&program.typed);
        let typed = self.end_text(start);
        self.arguments.push(typed);
        Ok(())
    }

    fn push_variable(&mut self, name: &OsStr, value: &ResolvedText) -> Result<(), HardenError> {
        let start = self.bytes.len();
        self.push_plain(name);
        self.bytes.push(b'=');
        self.push_text(value, || Site::Variable(name.to_owned()))?;
        let text = self.end_text(start);
        self.variables.push(text);
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "the gate to the server's memory")]
    fn push_text(
        &mut self,
        text: &ResolvedText,
        site: impl Fn() -> Site,
    ) -> Result<(), HardenError> {
        for piece in &text.0 {
            match piece {
                Piece::Bytes(value) => {
                    let bytes = value.expose();
                    if bytes.contains(&0) {
                        return Err(HardenError::Nul { site: site() });
                    }
                    self.bytes.extend_from_slice(bytes);
                }
                Piece::Descriptor(value) => {
                    let descriptor =
                        handoff::hold(value).map_err(|error| HardenError::Descriptor {
                            site: site(),
                            errno: error.raw_os_error(),
                        })?;
                    self.push_plain(OsStr::new(&handoff::path(&descriptor)));
                    self.descriptors.push(descriptor);
                }
            }
        }
        Ok(())
    }

    fn push_plain(&mut self, text: &OsStr) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn end_text(&mut self, start: usize) -> Text {
        let length = self.bytes.len() - start;
        self.bytes.push(0);
        Text { start, length }
    }

    fn bytes_of(&self, text: Text) -> &[u8] {
        &self.bytes[text.start..text.start + text.length]
    }

    fn table(&self, texts: &[Text]) -> Vec<*const c_char> {
        texts
            .iter()
            .map(|text| self.bytes[text.start..].as_ptr().cast())
            .chain([std::ptr::null()])
            .collect()
    }
}

/// The most bytes that the texts of `launch` can have, with their NULs: a block that had to grow would
/// leave a copy behind that nobody wipes.
fn space(launch: &ResolvedLaunch) -> usize {
    let text = |text: &ResolvedText| -> usize {
        let pieces = text.0.iter().map(|piece| match piece {
            Piece::Bytes(value) => value.len(),
            Piece::Descriptor(_) => handoff::LONGEST_PATH,
        });
        pieces.sum::<usize>() + 1
    };
    let program = launch.program.path.as_os_str().len() + launch.program.typed.len() + 2;
    let arguments: usize = launch.arguments.iter().map(text).sum();
    let variables: usize = launch
        .environment
        .iter()
        .map(|(name, value)| name.len() + 1 + text(value))
        .sum();
    program + arguments + variables
}

fn check_name(name: &OsStr, position: usize) -> Result<(), HardenError> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.contains(&b'=') || bytes.contains(&0) {
        return Err(HardenError::VariableName { position });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use mcp_launch_core::{FoundIn, Secret};

    use super::*;

    fn text(bytes: &[u8]) -> ResolvedText {
        ResolvedText(vec![Piece::Bytes(Secret::new(bytes.to_vec()))])
    }

    fn launch(arguments: &[&[u8]], environment: &[(&[u8], &[u8])]) -> ResolvedLaunch {
        ResolvedLaunch {
            program: Program {
                typed: "server".into(),
                path: "/opt/server".into(),
                found_in: FoundIn::Named,
            },
            arguments: arguments.iter().map(|bytes| text(bytes)).collect(),
            environment: environment
                .iter()
                .map(|(name, value)| (OsString::from_vec(name.to_vec()), text(value)))
                .collect(),
            followed: Vec::new(),
            notices: Vec::new(),
            upkeep: Vec::new(),
        }
    }

    fn read(table: &[*const c_char]) -> Vec<Vec<u8>> {
        assert!(table.last().unwrap().is_null());
        table[..table.len() - 1]
            .iter()
            // SAFETY: a table of the image under test, which is alive.
            .map(|&text| unsafe { CStr::from_ptr(text) }.to_bytes().to_vec())
            .collect()
    }

    #[test]
    fn keeps_every_byte() {
        let long = vec![b'x'; 300_000];
        let launch = launch(
            &[b"", b"\xff\xfe\n", &long],
            &[(b"A", b""), (b"\xc3\x28", b"=\xff=")],
        );
        let image = Image::of(&launch).unwrap();

        // SAFETY: the image is alive.
        let path = unsafe { CStr::from_ptr(image.path()) };
        assert_eq!(path, c"/opt/server");
        assert_eq!(
            read(&image.arguments()),
            [&b"server"[..], b"", b"\xff\xfe\n", &long]
        );
        assert_eq!(read(&image.variables()), [&b"A="[..], b"\xc3\x28==\xff="]);
        assert_eq!(
            image.longer_than(200_000),
            Some((Site::Argument(3), 300_000))
        );
    }

    #[test]
    fn never_outgrows_its_block() {
        let mut launch = launch(&[b"one", b""], &[(b"A", b"1"), (b"A", b"2")]);
        for _ in 0..3 {
            let value = Piece::Descriptor(Secret::new(b"behind a descriptor".to_vec()));
            launch.arguments.push(ResolvedText(vec![value]));
        }
        let image = Image::of(&launch).unwrap();
        assert_eq!(image.bytes.capacity(), space(&launch));
        assert_eq!(image.descriptors().len(), 3);
    }

    #[test]
    fn the_first_of_two_variables_is_kept() {
        let launch = launch(&[], &[(b"A", b"1"), (b"AB", b"2"), (b"A", b"3")]);
        let image = Image::of(&launch).unwrap();
        assert_eq!(
            read(&image.variables()),
            [b"A=1".to_vec(), b"AB=2".to_vec()]
        );
        assert_eq!(image.number("A"), Some(1));
        assert_eq!(image.number("B"), None);
    }

    #[test]
    fn refuses_what_would_arrive_changed() {
        let error = |launch| Image::of(&launch).err().unwrap();
        assert_eq!(
            error(launch(&[b"ok", b"a\0b"], &[])),
            HardenError::Nul {
                site: Site::Argument(2)
            }
        );
        assert_eq!(
            error(launch(&[], &[(b"A", b"\0")])),
            HardenError::Nul {
                site: Site::Variable("A".into())
            }
        );
        for name in [&b""[..], b"A=B", b"A\0"] {
            assert_eq!(
                error(launch(&[], &[(b"X", b""), (name, b"")])),
                HardenError::VariableName { position: 2 }
            );
        }
        let mut named = launch(&[], &[]);
        named.program.typed = OsString::from_vec(b"a\0b".to_vec());
        assert_eq!(error(named), HardenError::ProgramName);
    }
}
