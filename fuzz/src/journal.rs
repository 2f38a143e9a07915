//! Journals: any bytes are read to a sound prefix or refused, and what was read can be written and reads back the same.

use kalshi_bot::journal::verify::contradictions;
use kalshi_bot::journal::{self, Contents, Disk, Entry, Picture, Torn, segment_name};
use std::io::{self, ErrorKind};

/// Between two segments.
const SEPARATOR: &[u8] = b"#segment\n";
/// Digits of a line's checksum.
const DIGITS: usize = 8;

/// The first byte says whether lines keep their checksums (`k`) or are given the right ones (anything else), so that the
/// text behind them is looked at too. The rest are one or more segments with a line `#segment` between.
pub fn journal(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    let keeps = *kind == b'k';
    let segments = parts(bytes).into_iter().map(|part| if keeps { part.to_vec() } else { mended(part) });
    let disk = Segments(segments.collect());
    let Ok(contents) = journal::read(&disk) else { return };
    if let Some(torn) = &contents.torn {
        assert_prefix(&disk, &contents, torn);
    }
    let again = journal::read(&written(&contents)).expect("what was read can be written");
    let plain = |contents: &Contents| -> Vec<(u64, Entry<'static>)> {
        contents.entries.iter().map(|numbered| (numbered.seq, numbered.entry.clone())).collect()
    };
    assert_eq!(plain(&contents), plain(&again));
    // Sums of amounts that nobody wrote mean nothing.
    if keeps {
        let mut picture = Picture::default();
        for numbered in &contents.entries {
            picture.apply(numbered.seq, &numbered.entry);
        }
        assert_eq!(picture.seq, contents.last());
        let _ = contradictions(&contents);
    }
}

/// A journal as the bot writes it, or `None` where its lines make no sense or its end is torn.
pub fn journal_again(input: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let disk = Segments(parts(&input[1..]).into_iter().map(<[u8]>::to_vec).collect());
    let contents = journal::read(&disk).ok().filter(|contents| contents.torn.is_none())?;
    Some((disk.0.concat(), written(&contents).0.concat()))
}

/// Without the torn end the rest is the same, and nothing is torn any more.
fn assert_prefix(disk: &Segments, contents: &Contents, torn: &Torn) {
    let mut cut: Vec<Vec<u8>> = disk.0.clone();
    let last = usize::try_from(torn.segment).expect("one of a few");
    cut.truncate(last);
    cut[last - 1].truncate(usize::try_from(torn.byte).expect("within the segment"));
    if torn.byte == 0 {
        cut.pop();
    }
    let again = journal::read(&Segments(cut)).expect("a sound prefix");
    assert_eq!(again.torn, None);
    assert_eq!(again.entries, contents.entries);
}

/// The sound lines, written out.
fn written(contents: &Contents) -> Segments {
    let mut segments: Vec<Vec<u8>> = Vec::new();
    for numbered in &contents.entries {
        if matches!(numbered.entry, Entry::Snapshot(_)) {
            segments.push(Vec::new());
        }
        let json = serde_json::to_string(&numbered.entry).expect("an entry has a form");
        let segment = segments.last_mut().expect("a segment begins with a snapshot");
        segment.extend_from_slice(&line(format!("kj1 {} ", numbered.seq).as_bytes(), json.as_bytes()));
    }
    Segments(segments)
}

fn line(before: &[u8], json: &[u8]) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(before);
    hasher.update(json);
    let checksum = format!("{:08x} ", hasher.finalize());
    [before, checksum.as_bytes(), json, b"\n"].concat()
}

/// The same lines with the right checksums, where they have room for one.
fn mended(segment: &[u8]) -> Vec<u8> {
    let mut sound = Vec::with_capacity(segment.len());
    for text in segment.split_inclusive(|byte| *byte == b'\n') {
        let whole = text.strip_suffix(b"\n");
        let spaces = text.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at);
        let parts = whole.zip(spaces.take(2).last()).and_then(|(whole, at)| {
            let json = whole.get(at + 1 + DIGITS + 1..)?;
            Some((&whole[..=at], json))
        });
        match parts {
            Some((before, json)) => sound.extend_from_slice(&line(before, json)),
            None => sound.extend_from_slice(text),
        }
    }
    sound
}

fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) {
        parts.push(&rest[..at]);
        rest = &rest[at + SEPARATOR.len()..];
    }
    parts.push(rest);
    parts
}

/// A folder of segments, numbered from one, that can only be read.
#[derive(Debug)]
struct Segments(Vec<Vec<u8>>);

impl Disk for Segments {
    fn place(&self) -> String {
        "some bytes".to_owned()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok((1..).zip(&self.0).map(|(number, _)| segment_name(number)).collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let found = (1..).zip(&self.0).find(|(number, _)| segment_name(*number) == name);
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn create(&self, _: &str) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn append(&self, _: &str, _: &[u8]) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn truncate(&self, _: &str, _: u64) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self, _: &str) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_soon(&self, _: &str) {}

    fn health(&self) -> io::Result<()> {
        Ok(())
    }
}
